package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
)

// What a test can ask of a pod, by annotations of its template.
const (
	// annotationCompletesAfter is a duration ("500ms") after which the pod ends as Succeeded; without it a pod runs on.
	annotationCompletesAfter = "test.genops.ai/completes-after"
	// annotationReady "false" keeps a running pod from becoming ready.
	annotationReady = "test.genops.ai/ready"
)

// kubelets stands in for the kubelets of all nodes: a scheduled pod runs and is ready at once, a deleted one is gone at once. No container
// is ever started, and nothing is probed or measured.
type kubelets struct {
	client kubernetes.Interface
	pods   corelisters.PodLister
	nodes  corelisters.NodeLister
	lastIP atomic.Uint32
}

func (kubelets *kubelets) syncPod(ctx context.Context, key objectKey) (time.Duration, error) {
	pod, err := kubelets.pods.Pods(key.namespace).Get(key.name)
	if err != nil || pod.Spec.NodeName == "" {
		return 0, ignoreNotFound(err)
	}
	if pod.DeletionTimestamp != nil {
		return 0, kubelets.remove(ctx, pod)
	}
	switch pod.Status.Phase {
	case corev1.PodPending:
		return 0, kubelets.setRunning(ctx, pod)
	case corev1.PodRunning:
		return kubelets.completeInTime(ctx, pod)
	}
	return 0, nil
}

// remove is what a kubelet does when a pod's containers have stopped. With a finalizer the pod stays, and there is nothing left to do.
func (kubelets *kubelets) remove(ctx context.Context, pod *corev1.Pod) error {
	if pod.DeletionGracePeriodSeconds != nil && *pod.DeletionGracePeriodSeconds == 0 {
		return nil
	}
	now := int64(0)
	err := kubelets.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{
		GracePeriodSeconds: &now,
		Preconditions:      &metav1.Preconditions{UID: &pod.UID},
	})
	return ignoreNotFound(err)
}

func (kubelets *kubelets) setRunning(ctx context.Context, pod *corev1.Pod) error {
	running := pod.DeepCopy()
	now := metav1.Now()
	number := kubelets.lastIP.Add(1)
	ip := fmt.Sprintf("10.%d.%d.%d", 64+number>>16&63, number>>8&255, number&255)
	ready := corev1.ConditionTrue
	if pod.Annotations[annotationReady] == "false" {
		ready = corev1.ConditionFalse
	}
	running.Status.Phase = corev1.PodRunning
	running.Status.StartTime = &now
	running.Status.PodIP = ip
	running.Status.PodIPs = []corev1.PodIP{{IP: ip}}
	running.Status.HostIP = "10.128.0.1"
	for _, condition := range []corev1.PodCondition{
		{Type: corev1.PodInitialized, Status: corev1.ConditionTrue},
		{Type: corev1.ContainersReady, Status: ready},
		{Type: corev1.PodReady, Status: ready},
	} {
		condition.LastTransitionTime = now
		running.Status.Conditions = append(running.Status.Conditions, condition)
	}
	for _, container := range pod.Spec.Containers {
		running.Status.ContainerStatuses = append(running.Status.ContainerStatuses, corev1.ContainerStatus{
			Name:  container.Name,
			Image: container.Image,
			Ready: ready == corev1.ConditionTrue,
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}},
		})
	}
	return kubelets.update(ctx, running)
}

func (kubelets *kubelets) completeInTime(ctx context.Context, pod *corev1.Pod) (time.Duration, error) {
	text, found := pod.Annotations[annotationCompletesAfter]
	if !found || pod.Status.StartTime == nil {
		return 0, nil
	}
	after, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("pod %s/%s: %s: %w", pod.Namespace, pod.Name, annotationCompletesAfter, err)
	}
	if wait := time.Until(pod.Status.StartTime.Add(after)); wait > 0 {
		return wait, nil
	}
	done := pod.DeepCopy()
	now := metav1.Now()
	done.Status.Phase = corev1.PodSucceeded
	for index := range done.Status.Conditions {
		condition := &done.Status.Conditions[index]
		if condition.Type == corev1.PodReady || condition.Type == corev1.ContainersReady {
			condition.Status, condition.Reason, condition.LastTransitionTime = corev1.ConditionFalse, "PodCompleted", now
		}
	}
	for index := range done.Status.ContainerStatuses {
		status := &done.Status.ContainerStatuses[index]
		status.Ready = false
		status.State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
			Reason: "Completed", StartedAt: *pod.Status.StartTime, FinishedAt: now,
		}}
	}
	return 0, kubelets.update(ctx, done)
}

func (kubelets *kubelets) update(ctx context.Context, pod *corev1.Pod) error {
	_, err := kubelets.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, pod, metav1.UpdateOptions{FieldManager: "kubelet"})
	return ignoreNotFound(err)
}

// syncNode makes a new node ready.
func (kubelets *kubelets) syncNode(ctx context.Context, key objectKey) (time.Duration, error) {
	node, err := kubelets.nodes.Get(key.name)
	if err != nil || isReady(node) {
		return 0, ignoreNotFound(err)
	}
	ready := node.DeepCopy()
	ready.Status.Conditions = []corev1.NodeCondition{{
		Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady", LastTransitionTime: metav1.Now(),
	}}
	_, err = kubelets.client.CoreV1().Nodes().UpdateStatus(ctx, ready, metav1.UpdateOptions{FieldManager: "kubelet"})
	return 0, ignoreNotFound(err)
}

func isReady(node *corev1.Node) bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
