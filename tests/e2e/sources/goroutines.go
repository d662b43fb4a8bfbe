// Goroutines: channels, timers, a signal, the collector, and loops without a call, which only
// asynchronous preemption (SIGURG) stops. With the argument "calm" it leaves those loops out.
package main

import (
	"fmt"
	"math/rand"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"
)

func channels() {
	const senders, messages = 20, 20
	ch := make(chan string)
	var wg sync.WaitGroup
	for i := 0; i < senders; i++ {
		wg.Add(1)
		go func(i int) {
			defer wg.Done()
			for k := 0; k < messages; k++ {
				ch <- fmt.Sprint(i, k, rand.Int())
				if k%5 == 0 {
					time.Sleep(time.Duration(rand.Intn(300)) * time.Microsecond)
				}
			}
		}(i)
	}
	go func() {
		wg.Wait()
		close(ch)
	}()
	n := 0
	for s := range ch {
		n++
		fmt.Println(s)
	}
	if n != senders*messages {
		panic(n)
	}
}

func loops(mu *sync.Mutex) {
	var wg sync.WaitGroup
	for i := 0; i < 4; i++ {
		wg.Add(1)
		go func(i int) {
			defer wg.Done()
			s := uint64(i)
			for k := 0; k < 80_000_000; k++ {
				s = s*6364136223846793005 + 1
			}
			mu.Lock()
			fmt.Println("loop", i, s)
			mu.Unlock()
		}(i)
	}
	ticker := time.NewTicker(5 * time.Millisecond)
	done := make(chan bool)
	go func() {
		wg.Wait()
		close(done)
	}()
	for ticks := 0; ; ticks++ {
		select {
		case <-ticker.C:
		case <-done:
			fmt.Println("ticks", ticks)
			return
		}
	}
}

func collect() {
	var wg sync.WaitGroup
	var kept sync.Map
	for i := 0; i < 4; i++ {
		wg.Add(1)
		go func(i int) {
			defer wg.Done()
			var blocks [][]byte
			for k := 0; k < 10000; k++ {
				blocks = append(blocks, make([]byte, 1024))
				if len(blocks) > 500 {
					blocks = blocks[400:]
				}
			}
			kept.Store(i, len(blocks))
		}(i)
	}
	wg.Wait()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	fmt.Println("collections", stats.NumGC, stats.HeapAlloc, stats.PauseTotalNs)
}

func main() {
	rand.Seed(time.Now().UnixNano())
	channels()
	if len(os.Args) < 2 || os.Args[1] != "calm" {
		loops(new(sync.Mutex))
	}
	collect()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	fmt.Println(<-signals, os.Getpid(), runtime.NumCPU(), time.Now())
	os.Exit(7)
}
