package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// awsKeys are the keys of the one role that our AWS knows. EKS maps it to GenOps' user, as an access entry would.
type awsKeys struct {
	AccessKeyID     string `json:"accessKeyId"`
	SecretAccessKey string `json:"secretAccessKey"`
	SessionToken    string `json:"sessionToken"`
}

// eksAuthenticator stands in for aws-iam-authenticator and STS: the API server asks it who a token belongs to.
type eksAuthenticator struct {
	cluster string
	region  string
	keys    awsKeys
	now     func() time.Time
}

func newEKSAuthenticator(options Options) (*eksAuthenticator, error) {
	id, secret, session := "", "", ""
	for _, value := range []*string{&id, &secret, &session} {
		random, err := randomText()
		if err != nil {
			return nil, err
		}
		*value = random
	}
	// Characters that have to be encoded in a URL are part of real session tokens.
	keys := awsKeys{AccessKeyID: "ASIA" + id[:16], SecretAccessKey: secret, SessionToken: session + "+/=="}
	return &eksAuthenticator{cluster: options.Name, region: options.Region, keys: keys, now: time.Now}, nil
}

// serve answers token reviews on a free port of 127.0.0.1 and returns the file that tells the API server where.
func (eks *eksAuthenticator) serve(ctx context.Context, folder string) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: http.HandlerFunc(eks.review), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_ = server.ServeTLS(listener, filepath.Join(folder, "apiserver.crt"), filepath.Join(folder, "apiserver.key"))
	}()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	file := filepath.Join(folder, "token-webhook.kubeconfig")
	where := &clientcmdapi.Cluster{
		Server:               "https://" + listener.Addr().String() + "/authenticate",
		CertificateAuthority: filepath.Join(folder, "ca.crt"),
	}
	return file, clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{"it": where},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{"it": {}},
		Contexts:       map[string]*clientcmdapi.Context{"it": {Cluster: "it", AuthInfo: "it"}},
		CurrentContext: "it",
	}, file)
}

func (eks *eksAuthenticator) review(response http.ResponseWriter, request *http.Request) {
	review := authenticationv1.TokenReview{}
	if err := json.NewDecoder(request.Body).Decode(&review); err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	if err := eks.check(review.Spec.Token); err != nil {
		review.Status = authenticationv1.TokenReviewStatus{Error: err.Error()}
	} else {
		review.Status = authenticationv1.TokenReviewStatus{
			Authenticated: true,
			User:          authenticationv1.UserInfo{Username: userEnforcer, Groups: slices.Clone(groupsOf[userEnforcer])},
		}
	}
	response.Header().Set("content-type", "application/json")
	_ = json.NewEncoder(response).Encode(review)
}
