package main

import (
	"errors"
	"net/url"
	"path/filepath"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

type etcdServer struct {
	endpoint string
	close    func()
}

const etcdReadyWithin = 30 * time.Second

// startEtcd starts an etcd of one member on Unix sockets: no port to race for, and nobody else can reach it.
func startEtcd(folder string) (*etcdServer, error) {
	client := url.URL{Scheme: "unix", Path: filepath.Join(folder, "etcd.sock")}
	peer := url.URL{Scheme: "unix", Path: filepath.Join(folder, "peer.sock")}
	config := embed.NewConfig()
	config.Name = "etcd"
	config.Dir = filepath.Join(folder, "etcd")
	config.ListenClientUrls = []url.URL{client}
	config.ListenPeerUrls = []url.URL{peer}
	// Only names here, which etcd before 3.7 wants to have a port: nobody joins, and a member does not call itself.
	config.AdvertiseClientUrls = []url.URL{{Scheme: "http", Host: "127.0.0.1:2379"}}
	config.AdvertisePeerUrls = []url.URL{{Scheme: "http", Host: "127.0.0.1:2380"}}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.LogLevel = "error"
	config.LogOutputs = []string{filepath.Join(folder, "etcd.log")}
	// The data dies with the process: syncing it to the disk would only slow the tests.
	config.UnsafeNoFsync = true
	// A single member has nobody to lose an election to.
	config.TickMs, config.ElectionMs = 10, 100
	config.EnableGRPCGateway = false
	server, err := embed.StartEtcd(config)
	if err != nil {
		return nil, err
	}
	select {
	case <-server.Server.ReadyNotify():
		return &etcdServer{endpoint: client.String(), close: server.Close}, nil
	case err := <-server.Err():
		return nil, err
	case <-time.After(etcdReadyWithin):
		server.Close()
		return nil, errors.New("etcd is not ready after 30 s")
	}
}
