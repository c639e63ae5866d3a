package main

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Who calls the API server. Every part and every stand-in has the user name that it has in a real cluster, so that admission policies
// which tell users apart see what they would see there.
const (
	userAdmin      = "admin"
	userEnforcer   = "genops-enforcer"
	userPerson     = "dev-person"
	userController = "system:kube-controller-manager"
	userScheduler  = "system:kube-scheduler"
	userKubelet    = "system:node:stand-in"
	userKeda       = "system:serviceaccount:keda:keda-operator"
	userKarpenter  = "system:serviceaccount:karpenter:karpenter"
	userArgo       = "system:serviceaccount:argocd:argocd-application-controller"
	userFlux       = "system:serviceaccount:flux-system:kustomize-controller"
)

const groupMasters = "system:masters"

var groupsOf = map[string][]string{
	userAdmin:      {groupMasters},
	userEnforcer:   {"genops:enforcer"},
	userPerson:     {groupPersons},
	userController: {},
	userScheduler:  {},
	// Stand-ins may do everything: their real roles are not ours to test.
	userKubelet:   {groupMasters, "system:nodes"},
	userKeda:      {groupMasters},
	userKarpenter: {groupMasters},
	userArgo:      {groupMasters},
	userFlux:      {groupMasters},
}

// groupPersons is bound to cluster-admin: people who change what GenOps has set.
const groupPersons = "dev:cluster-admins"

// writeTokens makes a token for each user and writes the file that the API server reads.
func writeTokens(file string) (map[string]string, error) {
	tokens := map[string]string{}
	var lines strings.Builder
	for user, groups := range groupsOf {
		token, err := randomText()
		if err != nil {
			return nil, err
		}
		tokens[user] = token
		fmt.Fprintf(&lines, "%s,%s,%s,\"%s\"\n", tokens[user], user, user, strings.Join(groups, ","))
	}
	return tokens, os.WriteFile(file, []byte(lines.String()), 0o600)
}

func randomText() (string, error) {
	bytes := make([]byte, 24)
	_, err := rand.Read(bytes)
	return hex.EncodeToString(bytes), err
}

func (server *apiServer) tokensForTests() map[string]string {
	return map[string]string{
		"admin":    server.tokens[userAdmin],
		"enforcer": server.tokens[userEnforcer],
		"person":   server.tokens[userPerson],
	}
}

// as is how one user calls the server. No rate of our own: the server's priority and fairness decides.
func (server *apiServer) as(user string) *rest.Config {
	return &rest.Config{
		Host:            server.url,
		BearerToken:     server.tokens[user],
		TLSClientConfig: rest.TLSClientConfig{CAFile: server.caFile},
		UserAgent:       user,
		QPS:             -1,
	}
}

// writeKubeconfig is `as` for the parts that only read files.
func (server *apiServer) writeKubeconfig(file, user string) error {
	return clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{"it": {Server: server.url, CertificateAuthority: server.caFile}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{"it": {Token: server.tokens[user]}},
		Contexts:       map[string]*clientcmdapi.Context{"it": {Cluster: "it", AuthInfo: "it"}},
		CurrentContext: "it",
	}, file)
}
