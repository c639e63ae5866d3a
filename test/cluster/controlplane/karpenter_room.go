package main

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// pendingPods are those that the scheduler has tried and found no node for.
func (karpenter *karpenter) pendingPods() ([]*corev1.Pod, error) {
	all, err := karpenter.pods.List(labels.Everything())
	return slices.DeleteFunc(slices.Clone(all), func(pod *corev1.Pod) bool {
		return pod.Spec.NodeName != "" || pod.DeletionTimestamp != nil || !isUnschedulable(pod)
	}), err
}

func isUnschedulable(pod *corev1.Pod) bool {
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodScheduled {
			return condition.Status == corev1.ConditionFalse && condition.Reason == corev1.PodReasonUnschedulable
		}
	}
	return false
}

// room is a node and what is still free on it.
type room struct {
	node *corev1.Node
	free corev1.ResourceList
	pods int
}

func newRoom(node *corev1.Node) *room {
	return &room{node: node, free: node.Status.Allocatable.DeepCopy()}
}

func (room *room) isNew() bool {
	return time.Since(room.node.CreationTimestamp.Time) < settlesIn+time.Second
}

// take puts a pod on the node, if it fits.
func (room *room) take(pod *corev1.Pod) bool {
	asked := requestsOf(pod)
	for name, quantity := range asked {
		if free := room.free[name]; free.Cmp(quantity) < 0 {
			return false
		}
	}
	for name, quantity := range asked {
		free := room.free[name]
		free.Sub(quantity)
		room.free[name] = free
	}
	room.pods++
	return true
}

func requestsOf(pod *corev1.Pod) corev1.ResourceList {
	asked := corev1.ResourceList{corev1.ResourcePods: resource.MustParse("1")}
	for _, container := range pod.Spec.Containers {
		for name, quantity := range container.Resources.Requests {
			sum := asked[name]
			sum.Add(quantity)
			asked[name] = sum
		}
	}
	return asked
}

func (karpenter *karpenter) roomsByPool(pools []*nodePool) (map[string][]*room, error) {
	nodes, err := karpenter.nodes.List(labels.Everything())
	if err != nil {
		return nil, err
	}
	byPool, byNode := map[string][]*room{}, map[string]*room{}
	for _, node := range nodes {
		if pool := node.Labels[labelNodePool]; pool != "" {
			room := newRoom(node)
			byPool[pool] = append(byPool[pool], room)
			byNode[node.Name] = room
		}
	}
	pods, err := karpenter.pods.List(labels.Everything())
	for _, pod := range pods {
		room, found := byNode[pod.Spec.NodeName]
		ended := pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
		daemon := slices.ContainsFunc(pod.OwnerReferences, func(owner metav1.OwnerReference) bool { return owner.Kind == "DaemonSet" })
		if found && !ended && !daemon {
			room.take(pod)
		}
	}
	return byPool, err
}

func sizeOf(node *corev1.Node) corev1.ResourceList {
	size := node.Status.Capacity.DeepCopy()
	size[resourceNodes] = resource.MustParse("1")
	return size
}

func usageOf(rooms []*room) corev1.ResourceList {
	usage := corev1.ResourceList{}
	for _, room := range rooms {
		for name, quantity := range sizeOf(room.node) {
			sum := usage[name]
			sum.Add(quantity)
			usage[name] = sum
		}
	}
	return usage
}
