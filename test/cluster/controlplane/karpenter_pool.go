package main

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

// nodePool is what of a NodePool the stand-in reads.
type nodePool struct {
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Limits     corev1.ResourceList `json:"limits"`
		Replicas   *int64              `json:"replicas"`
		Weight     int32               `json:"weight"`
		Disruption struct {
			ConsolidateAfter string `json:"consolidateAfter"`
		} `json:"disruption"`
		Template struct {
			Metadata struct {
				Labels map[string]string `json:"labels"`
			} `json:"metadata"`
			Spec struct {
				Requirements []corev1.NodeSelectorRequirement `json:"requirements"`
				Taints       []corev1.Taint                   `json:"taints"`
			} `json:"spec"`
		} `json:"template"`
	} `json:"spec"`
}

func (karpenter *karpenter) listPools() ([]*nodePool, error) {
	objects, err := karpenter.pools.List(labels.Everything())
	if err != nil {
		return nil, err
	}
	pools := make([]*nodePool, 0, len(objects))
	for _, object := range objects {
		pool := &nodePool{}
		raw := object.(*unstructured.Unstructured)
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(raw.Object, pool); err != nil {
			return nil, err
		}
		if pool.DeletionTimestamp == nil {
			pools = append(pools, pool)
		}
	}
	slices.SortFunc(pools, func(one, other *nodePool) int {
		if one.Spec.Weight != other.Spec.Weight {
			return int(other.Spec.Weight - one.Spec.Weight)
		}
		return strings.Compare(one.Name, other.Name)
	})
	return pools, nil
}

// labels are what the template gives a node: its labels, and requirements that leave one value.
func (pool *nodePool) labels() map[string]string {
	found := map[string]string{}
	for name, value := range pool.Spec.Template.Metadata.Labels {
		found[name] = value
	}
	for _, requirement := range pool.Spec.Template.Spec.Requirements {
		if requirement.Operator == corev1.NodeSelectorOpIn && len(requirement.Values) > 0 {
			found[requirement.Key] = requirement.Values[0]
		}
	}
	return found
}

// admits tells whether a pod could run on a node of the pool: its node selector and tolerations, not affinity and spreading.
func (pool *nodePool) admits(pod *corev1.Pod) bool {
	labels := pool.labels()
	labels[labelNodePool] = pool.Name
	for name, value := range pod.Spec.NodeSelector {
		if labels[name] != value {
			return false
		}
	}
	for _, taint := range pool.Spec.Template.Spec.Taints {
		tolerated := slices.ContainsFunc(pod.Spec.Tolerations, func(toleration corev1.Toleration) bool {
			return toleration.Key == taint.Key && (toleration.Operator == corev1.TolerationOpExists || toleration.Value == taint.Value) ||
				toleration.Key == "" && toleration.Operator == corev1.TolerationOpExists
		})
		if !tolerated && taint.Effect != corev1.TaintEffectPreferNoSchedule {
			return false
		}
	}
	return true
}
