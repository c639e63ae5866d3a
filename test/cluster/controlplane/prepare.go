package main

import (
	"context"
	"fmt"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
)

const preparedWithin = 60 * time.Second

// prepare fills the cluster and returns, when tests can begin, the version that the server says it is.
func prepare(ctx context.Context, server *apiServer, options Options) (string, error) {
	client, err := kubernetes.NewForConfig(server.as(userAdmin))
	if err != nil {
		return "", err
	}
	if err := bindPersons(ctx, client); err != nil {
		return "", err
	}
	if err := startStandIns(ctx, server, options); err != nil {
		return "", err
	}
	nodes := 0
	for _, group := range options.Nodes {
		for index := range group.Count {
			node, err := newNode(options, group, index)
			if err != nil {
				return "", err
			}
			if _, err := client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{}); err != nil {
				return "", err
			}
			nodes++
		}
	}
	if err := waitUsable(ctx, client, nodes); err != nil {
		return "", err
	}
	version, err := client.Discovery().ServerVersion()
	if err != nil {
		return "", err
	}
	return version.GitVersion, nil
}

func bindPersons(ctx context.Context, client kubernetes.Interface) error {
	_, err := client.RbacV1().ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "dev-cluster-admins"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: groupPersons}},
	}, metav1.CreateOptions{})
	return err
}

// waitUsable waits until pods can be made (their service account is there) and placed (the nodes are ready).
func waitUsable(ctx context.Context, client kubernetes.Interface, nodes int) error {
	missing := ""
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, preparedWithin, true, func(ctx context.Context) (bool, error) {
		if _, err := client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{}); err != nil {
			missing = "the service account of the namespace default"
			return false, ignoreNotFound(err)
		}
		list, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
		if err != nil {
			return false, err
		}
		ready := 0
		for _, node := range list.Items {
			if isReady(&node) {
				ready++
			}
		}
		missing = fmt.Sprintf("%d of %d nodes", nodes-ready, nodes)
		return ready >= nodes, nil
	})
	if err != nil {
		return fmt.Errorf("the cluster is not usable, %s missing: %w", missing, err)
	}
	return nil
}

func ignoreExists(err error) error {
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}
