package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

type apiServer struct {
	folder string
	url    string
	caFile string
	tokens map[string]string
	ended  <-chan struct{}
}

const apiServerReadyWithin = 90 * time.Second

// startAPIServer starts kube-apiserver on a free port of 127.0.0.1 and waits until it says that it is ready.
func startAPIServer(ctx context.Context, fail context.CancelCauseFunc, folder, etcd string, eks *eksAuthenticator) (*apiServer, error) {
	file := func(name string) string { return filepath.Join(folder, name) }
	if err := writeServingCertificate(file("ca.crt"), file("apiserver.crt"), file("apiserver.key")); err != nil {
		return nil, err
	}
	if _, err := writeKey(file("service-accounts.key")); err != nil {
		return nil, err
	}
	tokens, err := writeTokens(file("tokens.csv"))
	if err != nil {
		return nil, err
	}
	webhook, err := eks.serve(ctx, folder)
	if err != nil {
		return nil, err
	}
	// The server gets the open socket: a port that is only remembered could be taken meanwhile.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	url := "https://" + listener.Addr().String()
	completed, err := completeOptions(ctx, listener, []string{
		"--etcd-servers=" + etcd,
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", listener.Addr().(*net.TCPAddr).Port),
		"--tls-cert-file=" + file("apiserver.crt"),
		"--tls-private-key-file=" + file("apiserver.key"),
		"--service-account-issuer=" + url + "/",
		"--service-account-key-file=" + file("service-accounts.key"),
		"--service-account-signing-key-file=" + file("service-accounts.key"),
		"--token-auth-file=" + file("tokens.csv"),
		"--authentication-token-webhook-config-file=" + webhook,
		"--authentication-token-webhook-version=v1",
		// Not two minutes: a test of an expired token would wait as long.
		"--authentication-token-webhook-cache-ttl=1s",
		"--authorization-mode=RBAC",
		"--service-cluster-ip-range=10.0.0.0/24",
		"--allow-privileged=true",
		// It taints a new node until the node controller, which does not run here, has seen it ready.
		"--disable-admission-plugins=TaintNodesByCondition",
		// An endpoint of the service "kubernetes" may not be 127.0.0.1.
		"--endpoint-reconciler-type=none",
		"--profiling=false",
	})
	if err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err := app.Run(ctx, completed)
		fail(fmt.Errorf("the API server ended: %w", errors.Join(err)))
	}()
	server := &apiServer{folder: folder, url: url, caFile: file("ca.crt"), tokens: tokens, ended: ended}
	return server, server.waitReady(ctx)
}

func completeOptions(ctx context.Context, listener net.Listener, args []string) (options.CompletedOptions, error) {
	run := options.NewServerRunOptions()
	flags := pflag.NewFlagSet("kube-apiserver", pflag.ContinueOnError)
	sets := run.Flags()
	for _, set := range sets.FlagSets {
		flags.AddFlagSet(set)
	}
	if err := flags.Parse(args); err != nil {
		return options.CompletedOptions{}, err
	}
	run.SecureServing.Listener = listener
	if err := run.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return options.CompletedOptions{}, err
	}
	completed, err := run.Complete(ctx)
	if err != nil {
		return options.CompletedOptions{}, err
	}
	return completed, utilerrors.NewAggregate(completed.Validate())
}

func (server *apiServer) waitReady(ctx context.Context) error {
	client, err := kubernetes.NewForConfig(server.as(userAdmin))
	if err != nil {
		return err
	}
	var last error
	err = wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, apiServerReadyWithin, true, func(ctx context.Context) (bool, error) {
		_, last = client.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("the API server is not ready: %w", errors.Join(last, err))
	}
	return nil
}
