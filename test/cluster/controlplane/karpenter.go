package main

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
)

const (
	// annotationNodeShape on a NodePool is a NodeGroup as JSON (cpu, memory, pods, gpus, instanceType): the machine it launches.
	annotationNodeShape = "test.genops.ai/node-shape"
	// annotationLaunched marks a node as launched for its NodePool: only such nodes are removed again.
	annotationLaunched = "test.genops.ai/launched"
	resourceNodes      = corev1.ResourceName("nodes")

	karpenterManager = "karpenter"
	// settlesIn is how long a new node is left alone and counted as room for the pods it was launched for.
	settlesIn = 3 * time.Second
)

// karpenter stands in for Karpenter: it launches a node for pods that found no place while the NodePool's limits allow it, removes a
// node of its own that stands empty, and reports what a NodePool uses. One machine type per NodePool; it moves no pods.
type karpenter struct {
	options Options
	client  kubernetes.Interface
	dynamic dynamic.Interface
	pools   cache.GenericLister
	pods    corelisters.PodLister
	nodes   corelisters.NodeLister
}

// sync looks at all pools at once: a pod may fit into several.
func (karpenter *karpenter) sync(ctx context.Context, _ objectKey) (time.Duration, error) {
	pools, err := karpenter.listPools()
	if err != nil || len(pools) == 0 {
		return 0, err
	}
	rooms, err := karpenter.roomsByPool(pools)
	if err != nil {
		return 0, err
	}
	pending, err := karpenter.pendingPods()
	if err != nil {
		return 0, err
	}
	again := time.Duration(0)
	for _, pool := range pools {
		own := rooms[pool.Name]
		if len(pending) > 0 || pool.Spec.Replicas != nil {
			if pending, own, err = karpenter.provision(ctx, pool, pending, own); err != nil {
				return 0, err
			}
		}
		wait, err := karpenter.removeEmpty(ctx, pool, own)
		if err != nil {
			return 0, err
		}
		if wait > 0 {
			again = settlesIn
		}
		if err := karpenter.report(ctx, pool, own); err != nil {
			return 0, err
		}
	}
	return again, nil
}

// provision launches nodes for the pods that the pool admits and returns the pods that are left.
func (karpenter *karpenter) provision(
	ctx context.Context, pool *nodePool, pending []*corev1.Pod, own []*room,
) ([]*corev1.Pod, []*room, error) {
	launch := func() error {
		node, err := karpenter.launch(ctx, pool, usageOf(own))
		if err != nil || node == nil {
			return err
		}
		own = append(own, newRoom(node))
		return nil
	}
	if pool.Spec.Replicas != nil {
		for before := -1; before != len(own) && int64(len(own)) < *pool.Spec.Replicas; {
			before = len(own)
			if err := launch(); err != nil {
				return pending, own, err
			}
		}
		return pending, own, nil
	}
	var left []*corev1.Pod
	for _, pod := range pending {
		fits := func(room *room) bool { return room.isNew() && room.take(pod) }
		if !pool.admits(pod) {
			left = append(left, pod)
			continue
		}
		if slices.ContainsFunc(own, fits) {
			continue
		}
		before := len(own)
		if err := launch(); err != nil {
			return pending, own, err
		}
		if len(own) == before || !own[before].take(pod) {
			left = append(left, pod)
		}
	}
	return left, own, nil
}

// launch creates a node unless the pool would exceed a limit with it; nil: it would.
func (karpenter *karpenter) launch(ctx context.Context, pool *nodePool, usage corev1.ResourceList) (*corev1.Node, error) {
	group := NodeGroup{Name: pool.Name, NodePool: pool.Name, Taints: pool.Spec.Template.Spec.Taints}
	if text, found := pool.Annotations[annotationNodeShape]; found {
		if err := json.Unmarshal([]byte(text), &group); err != nil {
			return nil, fmt.Errorf("%s: %w", annotationNodeShape, err)
		}
	}
	group.Name, group.NodePool, group.Labels = pool.Name, pool.Name, pool.labels()
	if capacity := group.Labels[labelCapacityType]; capacity != "" {
		group.CapacityType = capacity
	}
	group.setDefaults(0, karpenter.options)
	node, err := newNode(karpenter.options, group, time.Now().Nanosecond())
	if err != nil {
		return nil, err
	}
	for name, limit := range pool.Spec.Limits {
		total := usage[name].DeepCopy()
		total.Add(sizeOf(node)[name])
		if total.Cmp(limit) > 0 {
			return nil, nil
		}
	}
	node.Annotations = map[string]string{annotationLaunched: "true"}
	return karpenter.client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{FieldManager: karpenterManager})
}

// removeEmpty deletes launched nodes that nothing runs on; a duration above zero says that one may become due.
func (karpenter *karpenter) removeEmpty(ctx context.Context, pool *nodePool, own []*room) (time.Duration, error) {
	if pool.Spec.Disruption.ConsolidateAfter == "Never" || pool.Spec.Replicas != nil {
		return 0, nil
	}
	again := time.Duration(0)
	for _, room := range own {
		if room.node.Annotations[annotationLaunched] == "" || room.pods > 0 || room.node.DeletionTimestamp != nil {
			continue
		}
		if room.isNew() {
			again = settlesIn
			continue
		}
		if err := karpenter.client.CoreV1().Nodes().Delete(ctx, room.node.Name, metav1.DeleteOptions{}); ignoreNotFound(err) != nil {
			return 0, err
		}
	}
	return again, nil
}

func (karpenter *karpenter) report(ctx context.Context, pool *nodePool, own []*room) error {
	client := karpenter.dynamic.Resource(resourceNodePool)
	live, err := client.Get(ctx, pool.Name, metav1.GetOptions{})
	if err != nil {
		return ignoreNotFound(err)
	}
	resources := map[string]any{}
	for name, quantity := range usageOf(own) {
		resources[string(name)] = quantity.String()
	}
	before, _, _ := unstructured.NestedMap(live.Object, "status", "resources")
	if reflect.DeepEqual(before, resources) && hasCondition(live, "Ready") {
		return nil
	}
	status := map[string]any{
		"resources": resources,
		"nodes":     int64(len(own)),
		"conditions": []any{map[string]any{
			"type": "Ready", "status": "True", "reason": "Ready", "message": "", "lastTransitionTime": time.Now().UTC().Format(time.RFC3339),
		}},
	}
	live.Object["status"] = status
	_, err = client.UpdateStatus(ctx, live, metav1.UpdateOptions{FieldManager: karpenterManager})
	return ignoreNotFound(err)
}
