package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/transport"

	"github.com/nngplab/nngplab/internal/gokernel/zmtp"
)

// guardedTCP is TCP whose connections are guarded by package zmtp.
const guardedTCP = "guarded"

type guardedTransport struct{ transport.Transport }

// socketKinds says what listens on which port.
var socketKinds = map[int]zmtp.Kind{}

// noteKinds takes down what the ports of a connection are for.
func noteKinds(c ConnectionInfo) {
	socketKinds[c.IOPubPort] = zmtp.Publisher
	socketKinds[c.HBPort] = zmtp.Replier
}

func (t guardedTransport) Listen(ctx context.Context, addr string) (net.Listener, error) {
	for begin := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		l, err := t.Transport.Listen(ctx, addr)
		if err == nil {
			return zmtp.Listener(l, socketKinds[l.Addr().(*net.TCPAddr).Port]), nil
		}
		// The monitor of a kernel that has died may still hold the port.
		if !errors.Is(err, syscall.EADDRINUSE) || time.Since(begin) > 5*time.Second {
			return nil, err
		}
	}
}

func init() {
	if err := zmq4.RegisterTransport(guardedTCP, guardedTransport{transport.New("tcp")}); err != nil {
		log.Fatal(err)
	}
}

// checkConnection refuses what this kernel cannot serve.
func checkConnection(c ConnectionInfo) error {
	switch {
	case c.Transport != "tcp":
		return fmt.Errorf("the transport %q is not supported, only tcp: remove the setting KernelManager.transport", c.Transport)
	case c.SignatureScheme != "" && c.SignatureScheme != "hmac-sha256":
		return fmt.Errorf("the signature scheme %q is not supported, only hmac-sha256", c.SignatureScheme)
	}
	return nil
}

// listenAddress is the format of the sockets' addresses, for a port.
func listenAddress(c ConnectionInfo) string {
	ip := strings.ReplaceAll(strings.Trim(c.IP, "[]"), "%", "%%")
	if ip == "" {
		ip = "127.0.0.1"
	}
	return guardedTCP + "://" + net.JoinHostPort(ip, "%v")
}

// echo answers the front end's heartbeat.
func echo(sck zmq4.Socket) {
	for {
		msg, err := sck.Recv()
		if err != nil {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		if err := sck.Send(msg); err != nil {
			log.Println("heartbeat:", err)
		}
	}
}
