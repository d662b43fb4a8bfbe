//! Threads of Rust: channels, a mutex with a condition variable, a reader-writer lock, atomics,
//! scoped threads that compute, and one that panics.
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{mpsc, Arc, Condvar, Mutex, RwLock};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

fn send_and_receive() {
    let (sender, receiver) = mpsc::channel();
    for thread in 0..4u64 {
        let sender = sender.clone();
        thread::spawn(move || {
            for k in 0..50u64 {
                sender.send((thread, k, thread::current().id())).unwrap();
                if k % 10 == 0 {
                    thread::sleep(Duration::from_micros(200));
                }
            }
        });
    }
    drop(sender);
    let mut sum = 0;
    for message in receiver {
        sum += message.1;
        println!("{:?}", message);
    }
    assert_eq!(sum, 4 * (0..50).sum::<u64>());
}

fn lock_and_wait() {
    let turn = Arc::new((Mutex::new(0u32), Condvar::new()));
    let total = Arc::new(AtomicU64::new(0));
    let times = Arc::new(RwLock::new(HashMap::new()));
    let threads: Vec<_> = (0..6)
        .map(|i| {
            let (turn, total, times) = (turn.clone(), total.clone(), times.clone());
            thread::spawn(move || {
                for k in 0..200 {
                    total.fetch_add(k, Ordering::SeqCst);
                    *turn.0.lock().unwrap() += 1;
                    turn.1.notify_all();
                    times.write().unwrap().insert(i, Instant::now());
                    thread::yield_now();
                }
            })
        })
        .collect();
    let mut turns = turn.0.lock().unwrap();
    while *turns < 1200 {
        turns = turn.1.wait(turns).unwrap();
    }
    drop(turns);
    for t in threads {
        t.join().unwrap();
    }
    assert_eq!(total.load(Ordering::SeqCst), 6 * (0..200).sum::<u64>());
    println!("{:?}", times.read().unwrap());
}

fn compute_in_a_scope() {
    let numbers: Vec<u64> = (0..6_000_000).collect();
    let sums: Vec<u64> = thread::scope(|scope| {
        let threads: Vec<_> = numbers
            .chunks(2_000_000)
            .map(|part| scope.spawn(move || part.iter().map(|x| x * x % 7).sum::<u64>()))
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(sums.iter().sum::<u64>(), numbers.iter().map(|x| x * x % 7).sum::<u64>());
    println!("{:?}", sums);
}

fn main() {
    send_and_receive();
    lock_and_wait();
    compute_in_a_scope();
    assert!(thread::spawn(|| panic!("on purpose")).join().is_err());
    println!("{:?} {:?}", thread::current().id(), SystemTime::now());
    std::process::exit(6);
}
