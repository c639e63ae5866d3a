package main

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
)

// standIns are what all stand-ins share: they read from the same caches, and write as whom they stand in for.
type standIns struct {
	server  *apiServer
	options Options
	typed   informers.SharedInformerFactory
	dynamic dynamicinformer.DynamicSharedInformerFactory
}

// startStandIns starts what stands in for kubelets and operators.
func startStandIns(ctx context.Context, server *apiServer, options Options) error {
	client, err := kubernetes.NewForConfig(server.as(userKubelet))
	if err != nil {
		return err
	}
	reader, err := dynamic.NewForConfig(server.as(userKubelet))
	if err != nil {
		return err
	}
	if err := installDefinitions(ctx, reader); err != nil {
		return err
	}
	all := &standIns{
		server:  server,
		options: options,
		typed:   informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithTransform(dropManagedFields)),
		dynamic: dynamicinformer.NewDynamicSharedInformerFactory(reader, 0),
	}
	for _, start := range []func(context.Context) error{all.startKubelets, all.startKeda, all.startKarpenter, all.startGitOps} {
		if err := start(ctx); err != nil {
			return err
		}
	}
	all.typed.Start(ctx.Done())
	all.dynamic.Start(ctx.Done())
	all.typed.WaitForCacheSync(ctx.Done())
	all.dynamic.WaitForCacheSync(ctx.Done())
	return nil
}

func (all *standIns) startKubelets(ctx context.Context) error {
	client, err := kubernetes.NewForConfig(all.server.as(userKubelet))
	if err != nil {
		return err
	}
	pods, nodes := all.typed.Core().V1().Pods(), all.typed.Core().V1().Nodes()
	kubelets := &kubelets{client: client, pods: pods.Lister(), nodes: nodes.Lister()}
	podLoop := newLoop("kubelet: pods", 0, kubelets.syncPod)
	if err := podLoop.watch(pods.Informer(), nil); err != nil {
		return err
	}
	nodeLoop := newLoop("kubelet: nodes", 0, kubelets.syncNode)
	if err := nodeLoop.watch(nodes.Informer(), nil); err != nil {
		return err
	}
	claims := all.typed.Core().V1().PersistentVolumeClaims()
	volumes := &volumes{client: client, claims: claims.Lister()}
	claimLoop := newLoop("volumes", 0, volumes.sync)
	if err := claimLoop.watch(claims.Informer(), nil); err != nil {
		return err
	}
	podLoop.run(ctx, 8)
	nodeLoop.run(ctx, 2)
	claimLoop.run(ctx, 2)
	return nil
}

func (all *standIns) startKeda(ctx context.Context) error {
	client, err := kubernetes.NewForConfig(all.server.as(userKeda))
	if err != nil {
		return err
	}
	writer, err := dynamic.NewForConfig(all.server.as(userKeda))
	if err != nil {
		return err
	}
	objects := all.dynamic.ForResource(resourceScaledObject)
	keda := &keda{client: client, dynamic: writer, objects: objects.Lister()}
	loop := newLoop("keda", 0, keda.sync)
	if err := loop.watch(objects.Informer(), nil); err != nil {
		return err
	}
	// KEDA also looks when somebody touches its HPA.
	autoscalers := all.typed.Autoscaling().V2().HorizontalPodAutoscalers().Informer()
	if err := loop.watch(autoscalers, ownerKeys("ScaledObject")); err != nil {
		return err
	}
	loop.run(ctx, 2)
	return nil
}

func (all *standIns) startKarpenter(ctx context.Context) error {
	client, err := kubernetes.NewForConfig(all.server.as(userKarpenter))
	if err != nil {
		return err
	}
	writer, err := dynamic.NewForConfig(all.server.as(userKarpenter))
	if err != nil {
		return err
	}
	pools, pods, nodes := all.dynamic.ForResource(resourceNodePool), all.typed.Core().V1().Pods(), all.typed.Core().V1().Nodes()
	karpenter := &karpenter{
		options: all.options, client: client, dynamic: writer,
		pools: pools.Lister(), pods: pods.Lister(), nodes: nodes.Lister(),
	}
	loop := newLoop("karpenter", 100*time.Millisecond, karpenter.sync)
	everything := func(any) []objectKey { return []objectKey{{name: "all"}} }
	for _, err := range []error{
		loop.watch(pools.Informer(), everything),
		loop.watch(pods.Informer(), everything),
		loop.watch(nodes.Informer(), everything),
	} {
		if err != nil {
			return err
		}
	}
	loop.run(ctx, 1)
	return nil
}

func (all *standIns) startGitOps(ctx context.Context) error {
	argo, err := dynamic.NewForConfig(all.server.as(userArgo))
	if err != nil {
		return err
	}
	flux, err := dynamic.NewForConfig(all.server.as(userFlux))
	if err != nil {
		return err
	}
	for _, resource := range gitTracked {
		objects := all.dynamic.ForResource(resource)
		git := &gitOps{resource: resource, argo: argo, flux: flux, objects: objects.Lister()}
		loop := newLoop("gitops: "+resource.Resource, healsAfter, git.sync)
		if err := loop.watch(objects.Informer(), nil); err != nil {
			return err
		}
		loop.run(ctx, 1)
	}
	return nil
}

// ownerKeys is the key of the owner of a kind, where an object has one.
func ownerKeys(kind string) func(any) []objectKey {
	return func(object any) []objectKey {
		metadata, err := meta.Accessor(object)
		if err != nil {
			return nil
		}
		owner := metav1.GetControllerOf(metadata)
		if owner == nil || owner.Kind != kind {
			return nil
		}
		return []objectKey{{metadata.GetNamespace(), owner.Name}}
	}
}

// dropManagedFields keeps what no stand-in reads out of memory.
func dropManagedFields(object any) (any, error) {
	if metadata, err := meta.Accessor(object); err == nil {
		metadata.SetManagedFields(nil)
	}
	return object, nil
}
