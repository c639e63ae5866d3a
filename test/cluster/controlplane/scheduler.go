package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/kubernetes/cmd/kube-scheduler/app"
	"k8s.io/kubernetes/cmd/kube-scheduler/app/options"
)

// A pod that found no place is tried again after a second at most, not after ten: tests wait for it.
const schedulerConfig = `
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
clientConnection: {kubeconfig: %q, qps: 1000, burst: 2000}
leaderElection: {leaderElect: false}
podInitialBackoffSeconds: 1
podMaxBackoffSeconds: 1
parallelism: 2
`

// startScheduler starts kube-scheduler. Its settings come from a file: `Setup` resets what is set in code.
func startScheduler(ctx context.Context, fail context.CancelCauseFunc, server *apiServer) error {
	kubeconfig := filepath.Join(server.folder, "scheduler.kubeconfig")
	if err := server.writeKubeconfig(kubeconfig, userScheduler); err != nil {
		return err
	}
	opts := options.NewOptions()
	opts.ConfigFile = filepath.Join(server.folder, "scheduler.yaml")
	if err := os.WriteFile(opts.ConfigFile, fmt.Appendf(nil, schedulerConfig, kubeconfig), 0o600); err != nil {
		return err
	}
	opts.SecureServing.BindPort = 0
	config, scheduler, err := app.Setup(ctx, opts)
	if err != nil {
		return fmt.Errorf("the scheduler: %w", err)
	}
	go func() {
		err := app.Run(ctx, config, scheduler)
		fail(fmt.Errorf("the scheduler ended: %w", errors.Join(err)))
	}()
	return nil
}
