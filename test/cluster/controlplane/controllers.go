package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/cmd/kube-controller-manager/app"
	"k8s.io/kubernetes/cmd/kube-controller-manager/app/options"
	"k8s.io/kubernetes/cmd/kube-controller-manager/names"
)

// The controllers that what GenOps does depends on. Not node-lifecycle: our nodes send no heartbeats, and it would take them out.
var runningControllers = []string{
	names.ClusterRoleAggregationController,
	names.CronJobController,
	names.DaemonSetController,
	names.DeploymentController,
	names.DisruptionController,
	names.EndpointSliceController,
	names.GarbageCollectorController,
	names.HorizontalPodAutoscalerController,
	names.JobController,
	names.NamespaceController,
	names.PodGarbageCollectorController,
	names.ReplicaSetController,
	names.ReplicationControllerController,
	names.ResourceQuotaController,
	names.ServiceAccountController,
	names.StatefulSetController,
	names.TTLAfterFinishedController,
	names.TaintEvictionController,
	names.ValidatingAdmissionPolicyStatusController,
}

// autoscalerPeriod is 15 s by default, which would make every test of an autoscaler wait as long.
const autoscalerPeriod = time.Second

// startControllers starts kube-controller-manager. Each controller acts with a service account of its own, as in real clusters.
func startControllers(ctx context.Context, fail context.CancelCauseFunc, server *apiServer) error {
	kubeconfig := filepath.Join(server.folder, "controllers.kubeconfig")
	if err := server.writeKubeconfig(kubeconfig, userController); err != nil {
		return err
	}
	// Its clients call themselves after the program, and managedFields say so.
	os.Args[0] = "kube-controller-manager"
	manager, err := options.NewKubeControllerManagerOptions()
	if err != nil {
		return err
	}
	manager.Generic.ClientConnection.Kubeconfig = kubeconfig
	manager.Generic.ClientConnection.QPS = 1_000
	manager.Generic.ClientConnection.Burst = 2_000
	manager.Generic.Controllers = runningControllers
	manager.Generic.LeaderElection.LeaderElect = false
	manager.Generic.Debugging.EnableProfiling = false
	manager.KubeCloudShared.UseServiceAccountCredentials = true
	manager.HPAController.HorizontalPodAutoscalerSyncPeriod = metav1.Duration{Duration: autoscalerPeriod}
	manager.SecureServing.BindPort = 0
	if err := manager.ComponentGlobalsRegistry.Set(); err != nil {
		return err
	}
	config, err := manager.Config(ctx, app.KnownControllers(), app.ControllersDisabledByDefault(), app.ControllerAliases())
	if err != nil {
		return fmt.Errorf("the controller manager: %w", err)
	}
	go func() {
		err := app.Run(ctx, config.Complete())
		fail(fmt.Errorf("the controller manager ended: %w", errors.Join(err)))
	}()
	return nil
}
