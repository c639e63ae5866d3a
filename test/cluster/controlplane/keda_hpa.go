package main

import (
	"context"
	"fmt"
	"reflect"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

func (keda *keda) ensureHPA(ctx context.Context, object *scaledObject) error {
	client := keda.client.AutoscalingV2().HorizontalPodAutoscalers(object.Namespace)
	wanted := object.hpa()
	found, err := client.Get(ctx, wanted.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		_, err := client.Create(ctx, wanted, metav1.CreateOptions{FieldManager: kedaManager})
		return err
	}
	if err != nil || hpaIsAs(found, wanted) {
		return err
	}
	// Somebody changed it, or the ScaledObject did: KEDA's HPA is KEDA's.
	found.Spec = wanted.Spec
	_, err = client.Update(ctx, found, metav1.UpdateOptions{FieldManager: kedaManager})
	return err
}

func hpaIsAs(found, wanted *autoscalingv2.HorizontalPodAutoscaler) bool {
	disabled := func(hpa *autoscalingv2.HorizontalPodAutoscaler) [2]bool {
		if hpa.Spec.Behavior == nil {
			return [2]bool{}
		}
		return [2]bool{isDisabled(hpa.Spec.Behavior.ScaleUp), isDisabled(hpa.Spec.Behavior.ScaleDown)}
	}
	return reflect.DeepEqual(found.Spec.ScaleTargetRef, wanted.Spec.ScaleTargetRef) &&
		reflect.DeepEqual(found.Spec.MinReplicas, wanted.Spec.MinReplicas) &&
		found.Spec.MaxReplicas == wanted.Spec.MaxReplicas && disabled(found) == disabled(wanted)
}

func isDisabled(rules *autoscalingv2.HPAScalingRules) bool {
	return rules != nil && rules.SelectPolicy != nil && *rules.SelectPolicy == autoscalingv2.DisabledPolicySelect
}

// hpa is the HPA that KEDA makes: at least 1, as going to zero is KEDA's, and one external metric for each trigger.
func (object *scaledObject) hpa() *autoscalingv2.HorizontalPodAutoscaler {
	behavior := object.Spec.Advanced.HorizontalPodAutoscalerConfig.Behavior.DeepCopy()
	if object.says(annotationPausedScaleIn) || object.says(annotationPausedScaleOut) {
		if behavior == nil {
			behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{}
		}
		disable(&behavior.ScaleDown, object.says(annotationPausedScaleIn))
		disable(&behavior.ScaleUp, object.says(annotationPausedScaleOut))
	}
	metrics := make([]autoscalingv2.MetricSpec, len(object.Spec.Triggers))
	for index, trigger := range object.Spec.Triggers {
		metrics[index] = autoscalingv2.MetricSpec{
			Type: autoscalingv2.ExternalMetricSourceType,
			External: &autoscalingv2.ExternalMetricSource{
				Metric: autoscalingv2.MetricIdentifier{
					Name:     fmt.Sprintf("s%d-%s", index, trigger.Type),
					Selector: &metav1.LabelSelector{MatchLabels: map[string]string{labelScaledObject: object.Name}},
				},
				Target: autoscalingv2.MetricTarget{Type: autoscalingv2.AverageValueMetricType, AverageValue: resource.NewQuantity(1, resource.DecimalSI)},
			},
		}
	}
	return &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: object.Namespace,
			Name:      object.hpaName(),
			Labels: map[string]string{
				"app.kubernetes.io/name":       object.hpaName(),
				"app.kubernetes.io/part-of":    object.Name,
				"app.kubernetes.io/managed-by": "keda-operator",
				labelScaledObject:              object.Name,
			},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: "keda.sh/v1alpha1", Kind: "ScaledObject", Name: object.Name, UID: object.UID,
				Controller: ptr.To(true), BlockOwnerDeletion: ptr.To(true),
			}},
		},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{
				APIVersion: object.apiVersion(), Kind: object.kind(), Name: object.Spec.ScaleTargetRef.Name,
			},
			MinReplicas: ptr.To(max(1, ptr.Deref(object.Spec.MinReplicaCount, 0))),
			MaxReplicas: ptr.Deref(object.Spec.MaxReplicaCount, 100),
			Metrics:     metrics,
			Behavior:    behavior,
		},
	}
}

func disable(rules **autoscalingv2.HPAScalingRules, wanted bool) {
	if !wanted {
		return
	}
	if *rules == nil {
		*rules = &autoscalingv2.HPAScalingRules{}
	}
	(*rules).SelectPolicy = ptr.To(autoscalingv2.DisabledPolicySelect)
}
