package main

import (
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	labelNodePool     = "karpenter.sh/nodepool"
	labelCapacityType = "karpenter.sh/capacity-type"
	resourceGPU       = corev1.ResourceName("nvidia.com/gpu")
)

// newNode is node number `index` of a group, with the labels and the provider id that its cloud gives.
func newNode(options Options, group NodeGroup, index int) (*corev1.Node, error) {
	zone := group.Zones[index%len(group.Zones)]
	name := fmt.Sprintf("%s-%s-%d", options.Name, group.Name, index)
	labels := map[string]string{
		corev1.LabelHostname:           name,
		corev1.LabelTopologyRegion:     options.Region,
		corev1.LabelTopologyZone:       zone,
		corev1.LabelInstanceTypeStable: group.InstanceType,
		corev1.LabelOSStable:           "linux",
		corev1.LabelArchStable:         "amd64",
	}
	maps.Copy(labels, cloudLabels(options.Provider, group))
	if group.NodePool != "" {
		labels[labelNodePool] = group.NodePool
		labels[labelCapacityType] = group.CapacityType
	}
	maps.Copy(labels, group.Labels)
	capacity, err := capacityOf(group)
	if err != nil {
		return nil, err
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
		Spec:       corev1.NodeSpec{ProviderID: providerID(options.Provider, zone, name), Taints: group.Taints},
		Status:     corev1.NodeStatus{Capacity: capacity, Allocatable: capacity},
	}, nil
}

func capacityOf(group NodeGroup) (corev1.ResourceList, error) {
	capacity := corev1.ResourceList{}
	for name, text := range map[corev1.ResourceName]string{
		corev1.ResourceCPU:              group.CPU,
		corev1.ResourceMemory:           group.Memory,
		corev1.ResourcePods:             group.Pods,
		corev1.ResourceEphemeralStorage: "100Gi",
		resourceGPU:                     group.GPUs,
	} {
		if text == "" {
			continue
		}
		quantity, err := resource.ParseQuantity(text)
		if err != nil {
			return nil, fmt.Errorf("node group %s: %s %q: %w", group.Name, name, text, err)
		}
		capacity[name] = quantity
	}
	return capacity, nil
}

// cloudLabels is how EKS, AKS and GKE name a node group and spot capacity.
func cloudLabels(provider string, group NodeGroup) map[string]string {
	spot := group.CapacityType == "spot"
	labels := map[string]string{}
	switch provider {
	case "aws":
		labels["eks.amazonaws.com/nodegroup"] = group.Name
		labels["eks.amazonaws.com/capacityType"] = "ON_DEMAND"
		if spot {
			labels["eks.amazonaws.com/capacityType"] = "SPOT"
		}
	case "azure":
		labels["agentpool"] = group.Name
		labels["kubernetes.azure.com/agentpool"] = group.Name
		if spot {
			labels["kubernetes.azure.com/scalesetpriority"] = "spot"
		}
	case "gcp":
		labels["cloud.google.com/gke-nodepool"] = group.Name
		if spot {
			labels["cloud.google.com/gke-spot"] = "true"
		}
	}
	return labels
}

func providerID(provider, zone, name string) string {
	switch provider {
	case "azure":
		const group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/test"
		return "azure://" + group + "/providers/Microsoft.Compute/virtualMachineScaleSets/" + name + "/virtualMachines/0"
	case "gcp":
		return fmt.Sprintf("gce://test-project/%s/%s", zone, name)
	default:
		return fmt.Sprintf("aws:///%s/i-%s", zone, name)
	}
}
