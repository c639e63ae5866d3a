package main

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
)

// objectKey names one object of a kind.
type objectKey struct{ namespace, name string }

// loop is the loop that every stand-in consists of: a change of an object puts its key into a queue, workers take keys out and bring the
// object to where it should be. A key is never worked on twice at the same time.
type loop struct {
	name  string
	queue workqueue.TypedRateLimitingInterface[objectKey]
	// sync brings one object to where it should be; a duration above zero asks to be called again after it.
	sync func(ctx context.Context, key objectKey) (time.Duration, error)
	// delay is how long after a change `sync` runs.
	delay time.Duration
}

func newLoop(name string, delay time.Duration, sync func(context.Context, objectKey) (time.Duration, error)) *loop {
	limiter := workqueue.NewTypedItemExponentialFailureRateLimiter[objectKey](20*time.Millisecond, time.Second)
	return &loop{name: name, queue: workqueue.NewTypedRateLimitingQueue(limiter), sync: sync, delay: delay}
}

// watch puts an object's key into the queue when it changes. `keysOf` tells which keys a change concerns; nil: its own.
func (loop *loop) watch(informer cache.SharedIndexInformer, keysOf func(object any) []objectKey) error {
	add := func(object any) {
		if gone, is := object.(cache.DeletedFinalStateUnknown); is {
			object = gone.Obj
		}
		keys := ownKey
		if keysOf != nil {
			keys = keysOf
		}
		for _, key := range keys(object) {
			loop.queue.AddAfter(key, loop.delay)
		}
	}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    add,
		UpdateFunc: func(_, object any) { add(object) },
		DeleteFunc: add,
	})
	return err
}

func ownKey(object any) []objectKey {
	metadata, err := meta.Accessor(object)
	if err != nil {
		return nil
	}
	return []objectKey{{metadata.GetNamespace(), metadata.GetName()}}
}

func (loop *loop) run(ctx context.Context, workers int) {
	for range workers {
		go func() {
			for loop.next(ctx) {
			}
		}()
	}
	go func() {
		<-ctx.Done()
		loop.queue.ShutDown()
	}()
}

func (loop *loop) next(ctx context.Context) bool {
	key, shutdown := loop.queue.Get()
	if shutdown {
		return false
	}
	defer loop.queue.Done(key)
	again, err := loop.sync(ctx, key)
	switch {
	case err != nil:
		if !apierrors.IsConflict(err) {
			klog.Warningf("%s: %s/%s: %v", loop.name, key.namespace, key.name, err)
		}
		loop.queue.AddRateLimited(key)
	default:
		loop.queue.Forget(key)
		if again > 0 {
			loop.queue.AddAfter(key, again)
		}
	}
	return true
}
