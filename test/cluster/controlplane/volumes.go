package main

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
)

// annotationBound is how the scheduler tells a claim that is bound for good.
const annotationBound = "pv.kubernetes.io/bind-completed"

// volumes stands in for the storage drivers and the controller that binds claims: every claim gets a volume of its size at once. Nothing
// is stored anywhere.
type volumes struct {
	client kubernetes.Interface
	claims corelisters.PersistentVolumeClaimLister
}

func (volumes *volumes) sync(ctx context.Context, key objectKey) (time.Duration, error) {
	claim, err := volumes.claims.PersistentVolumeClaims(key.namespace).Get(key.name)
	if err != nil || claim.DeletionTimestamp != nil || claim.Status.Phase == corev1.ClaimBound {
		return 0, ignoreNotFound(err)
	}
	name := "pv-" + string(claim.UID)
	if err := volumes.provision(ctx, claim, name); err != nil {
		return 0, err
	}
	bound := claim.DeepCopy()
	bound.Spec.VolumeName = name
	metav1.SetMetaDataAnnotation(&bound.ObjectMeta, annotationBound, "yes")
	client := volumes.client.CoreV1().PersistentVolumeClaims(key.namespace)
	bound, err = client.Update(ctx, bound, metav1.UpdateOptions{FieldManager: "kube-controller-manager"})
	if err != nil {
		return 0, ignoreNotFound(err)
	}
	bound.Status = corev1.PersistentVolumeClaimStatus{
		Phase: corev1.ClaimBound, AccessModes: claim.Spec.AccessModes, Capacity: sizeOfClaim(claim),
	}
	_, err = client.UpdateStatus(ctx, bound, metav1.UpdateOptions{FieldManager: "kube-controller-manager"})
	return 0, ignoreNotFound(err)
}

func (volumes *volumes) provision(ctx context.Context, claim *corev1.PersistentVolumeClaim, name string) error {
	volume := &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: corev1.PersistentVolumeSpec{
			AccessModes:                   claim.Spec.AccessModes,
			Capacity:                      sizeOfClaim(claim),
			PersistentVolumeReclaimPolicy: corev1.PersistentVolumeReclaimDelete,
			VolumeMode:                    claim.Spec.VolumeMode,
			ClaimRef: &corev1.ObjectReference{
				APIVersion: "v1", Kind: "PersistentVolumeClaim", Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID,
			},
			PersistentVolumeSource: corev1.PersistentVolumeSource{
				CSI: &corev1.CSIPersistentVolumeSource{Driver: "test.genops.ai", VolumeHandle: name},
			},
		},
	}
	if claim.Spec.StorageClassName != nil {
		volume.Spec.StorageClassName = *claim.Spec.StorageClassName
	}
	created, err := volumes.client.CoreV1().PersistentVolumes().Create(ctx, volume, metav1.CreateOptions{})
	if err != nil {
		return ignoreExists(err)
	}
	created.Status.Phase = corev1.VolumeBound
	_, err = volumes.client.CoreV1().PersistentVolumes().UpdateStatus(ctx, created, metav1.UpdateOptions{})
	return err
}

func sizeOfClaim(claim *corev1.PersistentVolumeClaim) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceStorage: claim.Spec.Resources.Requests[corev1.ResourceStorage]}
}
