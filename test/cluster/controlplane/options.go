package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// Options is what a test chooses.
type Options struct {
	Name     string
	Provider string
	Region   string
	Nodes    []NodeGroup
}

// NodeGroup is a number of equal nodes, spread over the zones.
type NodeGroup struct {
	Name  string   `json:"name"`
	Count int      `json:"count"`
	Zones []string `json:"zones"`
	// InstanceType as the cloud calls it, such as m6i.xlarge.
	InstanceType string `json:"instanceType"`
	// CapacityType is "on-demand" or "spot".
	CapacityType string `json:"capacityType"`
	// NodePool is the Karpenter NodePool that the nodes count for; none if empty.
	NodePool string            `json:"nodePool"`
	CPU      string            `json:"cpu"`
	Memory   string            `json:"memory"`
	Pods     string            `json:"pods"`
	GPUs     string            `json:"gpus"`
	Labels   map[string]string `json:"labels"`
	Taints   []corev1.Taint    `json:"taints"`
}

var providers = []string{"aws", "azure", "gcp"}

func parseOptions(args []string) (Options, error) {
	flags := flag.NewFlagSet("controlplane", flag.ContinueOnError)
	options := Options{}
	flags.StringVar(&options.Name, "name", "test", "name of the cluster")
	flags.StringVar(&options.Provider, "provider", "aws", "whose labels and provider ids the nodes carry: aws, azure or gcp")
	flags.StringVar(&options.Region, "region", "us-west-2", "region of the nodes")
	nodes := flags.String("nodes", `[{"count": 3}]`, "node groups, as JSON: an array of NodeGroup")
	if err := flags.Parse(args); err != nil {
		return Options{}, err
	}
	if !slices.Contains(providers, options.Provider) {
		return Options{}, fmt.Errorf("--provider: %q is none of %v", options.Provider, providers)
	}
	if err := json.Unmarshal([]byte(*nodes), &options.Nodes); err != nil {
		return Options{}, fmt.Errorf("--nodes: %w", err)
	}
	for index := range options.Nodes {
		options.Nodes[index].setDefaults(index, options)
		if _, err := capacityOf(options.Nodes[index]); err != nil {
			return Options{}, fmt.Errorf("--nodes: %w", err)
		}
	}
	return options, nil
}

func (group *NodeGroup) setDefaults(index int, options Options) {
	orElse(&group.Name, fmt.Sprintf("pool-%d", index+1))
	orElse(&group.CapacityType, "on-demand")
	orElse(&group.CPU, "4")
	orElse(&group.Memory, "16Gi")
	orElse(&group.Pods, "110")
	orElse(&group.InstanceType, map[string]string{
		"aws": "m6i.xlarge", "azure": "Standard_D4s_v5", "gcp": "n2-standard-4",
	}[options.Provider])
	if len(group.Zones) == 0 {
		group.Zones = zonesOf(options.Provider, options.Region)
	}
}

func orElse(value *string, instead string) {
	if *value == "" {
		*value = instead
	}
}

// zonesOf writes three zones as each cloud does: us-west-2a, eastus-1, us-central1-a.
func zonesOf(provider, region string) []string {
	format, names := "%s%s", []string{"a", "b", "c"}
	switch provider {
	case "azure":
		format, names = "%s-%s", []string{"1", "2", "3"}
	case "gcp":
		format = "%s-%s"
	}
	zones := make([]string, len(names))
	for index, name := range names {
		zones[index] = fmt.Sprintf(format, region, name)
	}
	return zones
}
