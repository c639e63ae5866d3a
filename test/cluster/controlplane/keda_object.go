package main

import (
	"context"
	"reflect"
	"strconv"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
)

// scaledObject is what of a ScaledObject the stand-in reads.
type scaledObject struct {
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		ScaleTargetRef struct {
			APIVersion string `json:"apiVersion"`
			Kind       string `json:"kind"`
			Name       string `json:"name"`
		} `json:"scaleTargetRef"`
		IdleReplicaCount *int32 `json:"idleReplicaCount"`
		MinReplicaCount  *int32 `json:"minReplicaCount"`
		MaxReplicaCount  *int32 `json:"maxReplicaCount"`
		Advanced         struct {
			HorizontalPodAutoscalerConfig struct {
				Name     string                                         `json:"name"`
				Behavior *autoscalingv2.HorizontalPodAutoscalerBehavior `json:"behavior"`
			} `json:"horizontalPodAutoscalerConfig"`
		} `json:"advanced"`
		Triggers []struct {
			Type string `json:"type"`
		} `json:"triggers"`
	} `json:"spec"`
	Status scaledObjectStatus `json:"status"`
}

type scaledObjectStatus struct {
	ScaleTargetKind      string          `json:"scaleTargetKind,omitempty"`
	OriginalReplicaCount *int32          `json:"originalReplicaCount,omitempty"`
	PausedReplicaCount   *int32          `json:"pausedReplicaCount,omitempty"`
	HpaName              string          `json:"hpaName,omitempty"`
	Conditions           []kedaCondition `json:"conditions,omitempty"`
}

type kedaCondition struct {
	Type    string `json:"type"`
	Status  string `json:"status"`
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"`
}

func (keda *keda) writeStatus(ctx context.Context, object *scaledObject, status *scaledObjectStatus) error {
	labelled := object.Labels[labelScaledObject] == object.Name
	if reflect.DeepEqual(*status, object.Status) && labelled {
		return nil
	}
	client := keda.dynamic.Resource(resourceScaledObject).Namespace(object.Namespace)
	live, err := client.Get(ctx, object.Name, metav1.GetOptions{})
	if err != nil {
		return ignoreNotFound(err)
	}
	if !labelled {
		labels := live.GetLabels()
		if labels == nil {
			labels = map[string]string{}
		}
		labels[labelScaledObject] = object.Name
		live.SetLabels(labels)
		if live, err = client.Update(ctx, live, metav1.UpdateOptions{FieldManager: kedaManager}); err != nil {
			return ignoreNotFound(err)
		}
	}
	if live.Object["status"], err = runtime.DefaultUnstructuredConverter.ToUnstructured(status); err != nil {
		return err
	}
	_, err = client.UpdateStatus(ctx, live, metav1.UpdateOptions{FieldManager: kedaManager})
	return ignoreNotFound(err)
}

func (status *scaledObjectStatus) copy() *scaledObjectStatus {
	copied := *status
	copied.Conditions = append([]kedaCondition(nil), status.Conditions...)
	return &copied
}

func (status *scaledObjectStatus) set(kind, value, reason, message string) {
	for index := range status.Conditions {
		if status.Conditions[index].Type == kind {
			status.Conditions[index] = kedaCondition{kind, value, reason, message}
			return
		}
	}
	status.Conditions = append(status.Conditions, kedaCondition{kind, value, reason, message})
}

// says: a value that is no boolean counts as true, as in KEDA.
func (object *scaledObject) says(annotation string) bool {
	text, found := object.Annotations[annotation]
	if !found {
		return false
	}
	value, err := strconv.ParseBool(text)
	return err != nil || value
}

func (object *scaledObject) pausedReplicas() (*int32, bool) {
	text, found := object.Annotations[annotationPausedReplicas]
	number, err := strconv.ParseInt(text, 10, 32)
	if !found || err != nil {
		return nil, false
	}
	return ptr.To(int32(number)), true
}

func (object *scaledObject) kind() string {
	if object.Spec.ScaleTargetRef.Kind == "" {
		return "Deployment"
	}
	return object.Spec.ScaleTargetRef.Kind
}

func (object *scaledObject) apiVersion() string {
	if object.Spec.ScaleTargetRef.APIVersion == "" {
		return "apps/v1"
	}
	return object.Spec.ScaleTargetRef.APIVersion
}

func (object *scaledObject) targetKind() string { return object.apiVersion() + "." + object.kind() }

func (object *scaledObject) hpaName() string {
	if name := object.Spec.Advanced.HorizontalPodAutoscalerConfig.Name; name != "" {
		return name
	}
	return "keda-hpa-" + object.Name
}
