/* Java: a thread pool that allocates while the collector runs, timers, a parallel stream, a lock. */
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

public class ThreadPool {
    private static final int TASKS = 40, BLOCKS = 2000;
    private static final AtomicLong allocated = new AtomicLong();

    private static double task(int number) {
        List<byte[]> blocks = new ArrayList<>();
        double sum = 0;
        for (int i = 0; i < BLOCKS; i++) {
            blocks.add(new byte[4096]);
            if (blocks.size() > 100) {
                blocks.clear();
            }
            sum += Math.random() * number;
        }
        allocated.addAndGet(BLOCKS);
        synchronized (System.out) {
            System.out.println(number + " " + Thread.currentThread().getName() + " " + sum);
        }
        return sum;
    }

    public static void main(String[] args) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        List<Future<Double>> results = new ArrayList<>();
        for (int i = 0; i < TASKS; i++) {
            final int number = i;
            results.add(pool.submit(() -> task(number)));
        }
        double total = 0;
        for (Future<Double> result : results) {
            total += result.get();
        }
        pool.shutdown();
        if (!pool.awaitTermination(10, TimeUnit.SECONDS) || allocated.get() != TASKS * BLOCKS) {
            throw new AssertionError();
        }
        System.out.println(total);

        ScheduledExecutorService timers = Executors.newScheduledThreadPool(2);
        CountDownLatch ticks = new CountDownLatch(5);
        timers.scheduleAtFixedRate(() -> {
            System.out.println("tick " + System.nanoTime());
            ticks.countDown();
        }, 1, 2, TimeUnit.MILLISECONDS);
        ticks.await();
        timers.shutdownNow();

        System.out.println(IntStream.range(0, 2_000_000).parallel().mapToLong(i -> (long) i * i % 7).sum());
        System.gc();
        long collections = 0;
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            System.out.println(collector.getName() + " " + collector.getCollectionTime() + " ms");
            collections += collector.getCollectionCount();
        }
        if (collections < 2) {
            throw new AssertionError("the collector did not run");
        }
        System.out.println(new Object().hashCode() + " " + UUID.randomUUID() + " " + System.currentTimeMillis()
                + " " + Runtime.getRuntime().availableProcessors() + " " + ProcessHandle.current().pid());
        System.exit(9);
    }
}
