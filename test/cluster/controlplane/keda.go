package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"
)

const (
	annotationPaused         = "autoscaling.keda.sh/paused"
	annotationPausedReplicas = "autoscaling.keda.sh/paused-replicas"
	annotationPausedScaleIn  = "autoscaling.keda.sh/paused-scale-in"
	annotationPausedScaleOut = "autoscaling.keda.sh/paused-scale-out"
	labelScaledObject        = "scaledobject.keda.sh/name"
	// annotationActive "false" on a ScaledObject: its triggers see no work. Otherwise they see some.
	annotationActive = "test.genops.ai/active"

	kedaManager  = "keda"
	kedaInterval = time.Second
)

// keda stands in for KEDA's operator: it keeps an HPA for each ScaledObject, pauses as the annotations say, and moves between 0 and 1.
// It asks no event source anything.
type keda struct {
	client  kubernetes.Interface
	dynamic dynamic.Interface
	objects cache.GenericLister
}

func (keda *keda) sync(ctx context.Context, key objectKey) (time.Duration, error) {
	found, err := keda.objects.ByNamespace(key.namespace).Get(key.name)
	if err != nil {
		return 0, ignoreNotFound(err)
	}
	object := &scaledObject{}
	raw := found.(*unstructured.Unstructured)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(raw.Object, object); err != nil {
		return 0, err
	}
	if object.DeletionTimestamp != nil {
		return 0, nil // the garbage collector removes the HPA
	}
	status, err := keda.reconcile(ctx, object)
	if apierrors.IsNotFound(err) {
		status.set("Ready", "False", "ScaledObjectCheckFailed", "ScaledObject doesn't have correct scaleTargetRef specification")
		err = nil
	}
	if err != nil {
		return 0, err
	}
	return kedaInterval, keda.writeStatus(ctx, object, status)
}

// reconcile brings the HPA and the target to where the ScaledObject says, and returns the status that it then has.
func (keda *keda) reconcile(ctx context.Context, object *scaledObject) (*scaledObjectStatus, error) {
	status := object.Status.copy()
	resource := keda.targetOf(object)
	replicas, err := keda.replicasOf(ctx, object, resource)
	if err != nil {
		return status, err
	}
	status.ScaleTargetKind = object.targetKind()
	status.HpaName = object.hpaName()
	if status.OriginalReplicaCount == nil {
		status.OriginalReplicaCount = &replicas
	}
	status.set("Ready", "True", "ScaledObjectReady", "ScaledObject is defined correctly and is ready for scaling")
	pausedAt, holds := object.pausedReplicas()
	switch {
	case holds || object.says(annotationPaused):
		return status, keda.pause(ctx, object, resource, replicas, pausedAt, status)
	case object.says(annotationPausedScaleIn) || object.says(annotationPausedScaleOut):
		status.set("Paused", "True", "ScaledObjectPaused", "ScaledObject is paused")
	default:
		status.set("Paused", "False", "ScaledObjectUnpaused", "pause annotation removed for ScaledObject")
	}
	status.PausedReplicaCount = nil
	if err := keda.ensureHPA(ctx, object); err != nil {
		return status, err
	}
	return status, keda.activate(ctx, object, resource, replicas, status)
}

// pause scales the target where a count is given, takes the HPA away, and only then says that it is paused.
func (keda *keda) pause(
	ctx context.Context, object *scaledObject, resource schema.GroupVersionResource, replicas int32, pausedAt *int32, status *scaledObjectStatus,
) error {
	if pausedAt != nil {
		// Once it is paused, the real one looks at the target only when the ScaledObject or its HPA changes.
		if status.PausedReplicaCount == nil || *status.PausedReplicaCount != *pausedAt {
			if err := keda.scale(ctx, object, resource, replicas, *pausedAt); err != nil {
				return err
			}
		}
	}
	status.PausedReplicaCount = pausedAt
	err := keda.client.AutoscalingV2().HorizontalPodAutoscalers(object.Namespace).Delete(ctx, object.hpaName(), metav1.DeleteOptions{})
	if ignoreNotFound(err) != nil {
		return err
	}
	status.set("Paused", "True", "ScaledObjectPaused", "ScaledObject is paused")
	return nil
}

// activate is KEDA's own part of scaling: from and to zero, and up to the minimum. The rest is the HPA's.
func (keda *keda) activate(
	ctx context.Context, object *scaledObject, resource schema.GroupVersionResource, replicas int32, status *scaledObjectStatus,
) error {
	active := object.Annotations[annotationActive] != "false"
	status.set("Active", map[bool]string{true: "True", false: "False"}[active], "ScalerActive", "")
	minimum := ptr.Deref(object.Spec.MinReplicaCount, 0)
	wanted := replicas
	switch {
	case active && replicas == 0:
		wanted = max(1, minimum)
	case !active && object.Spec.IdleReplicaCount != nil && replicas > *object.Spec.IdleReplicaCount:
		wanted = *object.Spec.IdleReplicaCount
	case !active && object.Spec.IdleReplicaCount == nil && minimum == 0:
		wanted = 0
	case object.Spec.IdleReplicaCount == nil && replicas < minimum:
		wanted = minimum
	}
	if wanted > replicas && object.says(annotationPausedScaleOut) || wanted < replicas && object.says(annotationPausedScaleIn) {
		return nil
	}
	return keda.scale(ctx, object, resource, replicas, wanted)
}

func (keda *keda) scale(ctx context.Context, object *scaledObject, resource schema.GroupVersionResource, from, to int32) error {
	if from == to {
		return nil
	}
	patch := fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, to)
	_, err := keda.dynamic.Resource(resource).Namespace(object.Namespace).Patch(ctx, object.Spec.ScaleTargetRef.Name,
		types.MergePatchType, patch, metav1.PatchOptions{FieldManager: kedaManager}, "scale")
	return err
}

func (keda *keda) targetOf(object *scaledObject) schema.GroupVersionResource {
	version, _ := schema.ParseGroupVersion(object.apiVersion())
	return version.WithResource(strings.ToLower(object.kind()) + "s")
}

func (keda *keda) replicasOf(ctx context.Context, object *scaledObject, resource schema.GroupVersionResource) (int32, error) {
	scale, err := keda.dynamic.Resource(resource).Namespace(object.Namespace).Get(
		ctx, object.Spec.ScaleTargetRef.Name, metav1.GetOptions{}, "scale")
	if err != nil {
		return 0, err
	}
	replicas, _, err := unstructured.NestedInt64(scale.Object, "spec", "replicas")
	return int32(replicas), err
}
