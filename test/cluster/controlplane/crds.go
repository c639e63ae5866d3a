package main

import (
	"context"
	"embed"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"
)

//go:embed crds/*.yaml
var definitions embed.FS

var (
	resourceDefinition   = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	resourceScaledObject = schema.GroupVersionResource{Group: "keda.sh", Version: "v1alpha1", Resource: "scaledobjects"}
	resourceNodePool     = schema.GroupVersionResource{Group: "karpenter.sh", Version: "v1", Resource: "nodepools"}
	resourceRollout      = schema.GroupVersionResource{Group: "argoproj.io", Version: "v1alpha1", Resource: "rollouts"}
)

// installDefinitions creates the custom resources of the operators that we stand in for, and waits until they are served.
func installDefinitions(ctx context.Context, client dynamic.Interface) error {
	files, err := definitions.ReadDir("crds")
	if err != nil {
		return err
	}
	names := make([]string, 0, len(files))
	for _, file := range files {
		text, err := definitions.ReadFile("crds/" + file.Name())
		if err != nil {
			return err
		}
		definition := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(text, &definition.Object); err != nil {
			return fmt.Errorf("%s: %w", file.Name(), err)
		}
		if _, err := client.Resource(resourceDefinition).Create(ctx, definition, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("%s: %w", file.Name(), err)
		}
		names = append(names, definition.GetName())
	}
	return wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, preparedWithin, true, func(ctx context.Context) (bool, error) {
		for _, name := range names {
			definition, err := client.Resource(resourceDefinition).Get(ctx, name, metav1.GetOptions{})
			if err != nil || !hasCondition(definition, "Established") {
				return false, err
			}
		}
		return true, nil
	})
}

func hasCondition(object *unstructured.Unstructured, kind string) bool {
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, each := range conditions {
		if condition, is := each.(map[string]any); is && condition["type"] == kind {
			return condition["status"] == "True"
		}
	}
	return false
}
