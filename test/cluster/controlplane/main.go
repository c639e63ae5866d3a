// One Kubernetes control plane for tests, in one process: etcd, the API server, the controller manager and the scheduler are the real
// ones; kubelets, KEDA, Karpenter, Argo CD and Flux are small stand-ins. When everything is up it prints one line of JSON; it ends on
// SIGTERM, or when its standard input closes, and leaves nothing behind.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"
	_ "time/tzdata" // CronJobs with a time zone, also where the system has no zone files

	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
)

// Access is the line that a test reads: where the cluster is, and as whom it can be called.
type Access struct {
	Name     string            `json:"name"`
	Provider string            `json:"provider"`
	Region   string            `json:"region"`
	Server   string            `json:"server"`
	CAFile   string            `json:"caFile"`
	Version  string            `json:"version"`
	LogFile  string            `json:"logFile"`
	Tokens   map[string]string `json:"tokens"`
	// AWSKeys are the keys of the role that the cluster takes for GenOps: with them a test signs tokens of EKS.
	AWSKeys awsKeys `json:"awsKeys"`
}

const stopWithin = 5 * time.Second

func main() {
	options, err := parseOptions(os.Args[1:])
	if err == nil {
		err = run(options)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(options Options) error {
	// Memory matters more than speed here: three of these run beside the tests.
	debug.SetGCPercent(50)
	folder, err := os.MkdirTemp("", "genops-control-plane-")
	if err != nil {
		return err
	}
	defer removeAll(folder)
	logFile := filepath.Join(folder, "control-plane.log")
	log, err := logTo(logFile)
	if err != nil {
		return err
	}
	defer log.Close()

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	parts, cancelParts := context.WithCancelCause(ctx)
	defer cancelParts(nil)

	access, stopped, err := start(parts, cancelParts, options, folder)
	if err == nil {
		access.LogFile = logFile
		err = json.NewEncoder(os.Stdout).Encode(access)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return errors.New("asked to stop before the cluster was ready; it runs for as long as its standard input is open")
	case err != nil:
		return fmt.Errorf("%w\n%s", firstCause(parts, err), tail(logFile))
	}
	<-parts.Done()
	select {
	case <-stopped:
	case <-time.After(stopWithin):
	}
	if ctx.Err() != nil {
		return nil // asked to stop
	}
	return fmt.Errorf("%w\n%s", context.Cause(parts), tail(logFile))
}

// start brings the parts up in order and returns when tests can begin; `stopped` closes when etcd and the API server have ended.
func start(ctx context.Context, fail context.CancelCauseFunc, options Options, folder string) (Access, <-chan struct{}, error) {
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
	stopped := make(chan struct{})
	etcd, err := startEtcd(folder)
	if err != nil {
		return Access{}, stopped, err
	}
	eks, err := newEKSAuthenticator(options)
	if err != nil {
		return Access{}, stopped, err
	}
	server, err := startAPIServer(ctx, fail, folder, etcd.endpoint, eks)
	if err != nil {
		return Access{}, stopped, err
	}
	go func() {
		defer close(stopped)
		<-server.ended
		etcd.close()
	}()
	if err := startControllers(ctx, fail, server); err != nil {
		return Access{}, stopped, err
	}
	if err := startScheduler(ctx, fail, server); err != nil {
		return Access{}, stopped, err
	}
	version, err := prepare(ctx, server, options)
	if err != nil {
		return Access{}, stopped, err
	}
	return Access{
		Name:     options.Name,
		Provider: options.Provider,
		Region:   options.Region,
		Server:   server.url,
		CAFile:   server.caFile,
		Version:  version,
		Tokens:   server.tokensForTests(),
		AWSKeys:  eks.keys,
	}, stopped, nil
}

// firstCause is why a part ended, if one did: what came after is only its consequence.
func firstCause(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && cause != context.Canceled {
		return cause
	}
	return err
}

// removeAll tries again for a moment: what still runs may write a last file between the reading of a folder and its removal.
func removeAll(folder string) {
	for range 20 {
		if os.RemoveAll(folder) == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	klog.Errorf("%s could not be removed", folder)
}
