package main

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"
)

const (
	// annotationGitReplicas is the `spec.replicas` that git holds, annotationGitSpec any part of `spec`, as a JSON object.
	annotationGitReplicas = "test.genops.ai/git-replicas"
	annotationGitSpec     = "test.genops.ai/git-spec"
	// annotationRespectIgnore "true" is an application with ignoreDifferences and RespectIgnoreDifferences for what git holds here.
	annotationRespectIgnore = "test.genops.ai/respect-ignore"

	annotationArgoTracking = "argocd.argoproj.io/tracking-id"
	labelArgoInstance      = "argocd.argoproj.io/instance"
	labelFluxName          = "kustomize.toolkit.fluxcd.io/name"
	fluxReconcile          = "kustomize.toolkit.fluxcd.io/reconcile"

	argoManager = "argocd-controller"
	fluxManager = "kustomize-controller"
	// healsAfter is from a change to its undoing: an Argo CD with selfHeal reacts to events, too.
	healsAfter = 100 * time.Millisecond
)

// gitTracked is what Argo CD and Flux look after here.
var gitTracked = []schema.GroupVersionResource{
	{Group: "apps", Version: "v1", Resource: "deployments"},
	{Group: "apps", Version: "v1", Resource: "statefulsets"},
	{Group: "batch", Version: "v1", Resource: "cronjobs"},
	{Group: "batch", Version: "v1", Resource: "jobs"},
	{Group: "autoscaling", Version: "v2", Resource: "horizontalpodautoscalers"},
	resourceScaledObject,
	resourceNodePool,
	resourceRollout,
}

// gitOps stands in for Argo CD and Flux for one kind of object: what git holds of an object's spec (which an annotation says, as there is
// no repository) is put back when somebody changes it.
type gitOps struct {
	resource schema.GroupVersionResource
	argo     dynamic.Interface
	flux     dynamic.Interface
	objects  cache.GenericLister
}

func (git *gitOps) sync(ctx context.Context, key objectKey) (time.Duration, error) {
	found, err := git.find(key)
	if err != nil {
		return 0, ignoreNotFound(err)
	}
	object := found.(*unstructured.Unstructured)
	wanted, err := gitSpec(object)
	if err != nil || len(wanted) == 0 || object.GetDeletionTimestamp() != nil || covers(object.Object["spec"], wanted) {
		return 0, err
	}
	switch {
	case isArgo(object) && object.GetAnnotations()[annotationRespectIgnore] != "true":
		return 0, ignoreNotFound(git.healAsArgo(ctx, object, wanted))
	case object.GetLabels()[labelFluxName] != "" && !isDisabledForFlux(object):
		return 0, ignoreNotFound(git.healAsFlux(ctx, object, wanted))
	}
	return 0, nil
}

func (git *gitOps) find(key objectKey) (any, error) {
	if key.namespace == "" {
		return git.objects.Get(key.name)
	}
	return git.objects.ByNamespace(key.namespace).Get(key.name)
}

// healAsArgo: Argo CD by default sends a patch of what differs, as `kubectl apply` on the client's side does.
func (git *gitOps) healAsArgo(ctx context.Context, object *unstructured.Unstructured, wanted map[string]any) error {
	patch, err := json.Marshal(map[string]any{"spec": wanted})
	if err != nil {
		return err
	}
	_, err = git.argo.Resource(git.resource).Namespace(object.GetNamespace()).Patch(
		ctx, object.GetName(), types.MergePatchType, patch, metav1.PatchOptions{FieldManager: argoManager})
	return err
}

// healAsFlux: Flux applies on the server's side and takes what it holds from whoever has it.
func (git *gitOps) healAsFlux(ctx context.Context, object *unstructured.Unstructured, wanted map[string]any) error {
	apply := &unstructured.Unstructured{Object: map[string]any{"spec": wanted}}
	apply.SetAPIVersion(object.GetAPIVersion())
	apply.SetKind(object.GetKind())
	apply.SetName(object.GetName())
	apply.SetNamespace(object.GetNamespace())
	body, err := json.Marshal(apply)
	if err != nil {
		return err
	}
	force := true
	_, err = git.flux.Resource(git.resource).Namespace(object.GetNamespace()).Patch(
		ctx, object.GetName(), types.ApplyPatchType, body, metav1.PatchOptions{FieldManager: fluxManager, Force: &force})
	return err
}

func isArgo(object *unstructured.Unstructured) bool {
	return object.GetAnnotations()[annotationArgoTracking] != "" || object.GetLabels()[labelArgoInstance] != ""
}

// isDisabledForFlux: Flux takes the word from annotations and from labels.
func isDisabledForFlux(object *unstructured.Unstructured) bool {
	return object.GetAnnotations()[fluxReconcile] == "disabled" || object.GetLabels()[fluxReconcile] == "disabled"
}

// gitSpec is what git holds of an object's spec.
func gitSpec(object *unstructured.Unstructured) (map[string]any, error) {
	wanted := map[string]any{}
	annotations := object.GetAnnotations()
	if text, found := annotations[annotationGitSpec]; found {
		if err := json.Unmarshal([]byte(text), &wanted); err != nil {
			return nil, fmt.Errorf("%s: %w", annotationGitSpec, err)
		}
	}
	if text, found := annotations[annotationGitReplicas]; found {
		replicas, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", annotationGitReplicas, err)
		}
		wanted["replicas"] = replicas
	}
	return wanted, nil
}

// covers tells whether `current` has everything that `wanted` has; what it has beyond is not git's.
func covers(current, wanted any) bool {
	fields, is := wanted.(map[string]any)
	if !is {
		return reflect.DeepEqual(number(current), number(wanted))
	}
	have, _ := current.(map[string]any)
	for name, value := range fields {
		if !covers(have[name], value) {
			return false
		}
	}
	return true
}

// number makes equal numbers equal: the API machinery reads whole ones as integers.
func number(value any) any {
	if whole, is := value.(int64); is {
		return float64(whole)
	}
	return value
}
