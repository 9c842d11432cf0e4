/* Preloaded, it shifts the wall clock of a process and its children by CLOCK_OFFSET seconds: what they ask of the time
   of day, and the deadlines that they hand back in it. The monotonic clock, by which they wait, is left alone; Debian's
   libfaketime shifts or breaks it, and Python's waits then never end.

   cc -shared -fPIC -o clock.so clock.c */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

/* no deadline of the monotonic clock lies as far from the start of the machine as the present from 1970 */
static const time_t LONG_AGO = 1000000000;

static time_t offset(void)
{
    static time_t seconds;
    static int known;
    if (!known) {
        const char *told = getenv("CLOCK_OFFSET");
        seconds = told ? atol(told) : 0;
        known = 1;
    }
    return seconds;
}

static struct timespec real(const struct timespec *deadline)
{
    struct timespec mended = *deadline;
    if (mended.tv_sec > LONG_AGO)
        mended.tv_sec -= offset();
    return mended;
}

#define NEXT(name) ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static __typeof__(&clock_gettime) next;
    if (!next)
        next = NEXT(clock_gettime);
    int failed = next(clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += offset();
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec told;
    clock_gettime(CLOCK_REALTIME, &told);
    now->tv_sec = told.tv_sec;
    now->tv_usec = told.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *kept)
{
    struct timespec told;
    clock_gettime(CLOCK_REALTIME, &told);
    if (kept)
        *kept = told.tv_sec;
    return told.tv_sec;
}

int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict deadline)
{
    struct timespec mended = real(deadline);
    return NEXT(pthread_cond_timedwait)(cond, mutex, &mended);
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict deadline)
{
    struct timespec mended = real(deadline);
    return NEXT(pthread_mutex_timedlock)(mutex, &mended);
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict deadline)
{
    struct timespec mended = real(deadline);
    return NEXT(sem_timedwait)(semaphore, &mended);
}
