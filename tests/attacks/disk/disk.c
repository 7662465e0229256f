/* A bad disk beneath a whole process: loaded before the C library (LD_PRELOAD), it makes writes and syncs of the
 * segments of a ledger fail, stall or come out short, as the file named by BAD_DISK says: one line, `what number`.
 *
 *   sync-eio N     the next N syncs fail with EIO          sync-stall MS   each sync waits so long first
 *   write-eio N    the next N writes fail with EIO         write-short N   a write takes at most N bytes
 *   write-eintr 1  every other write is interrupted        write-full 1    there is no room
 *   time-step S    the wall clock is off by S seconds (all files)
 *
 * No file, or another word, and everything is as it always was.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static __thread int inside;

static int wish(char *what, long *number) {
    const char *path = getenv("BAD_DISK");
    if (!path || inside) return 0;
    inside = 1;
    int found = 0;
    FILE *file = fopen(path, "re");
    if (file) {
        found = fscanf(file, "%31s %ld", what, number) == 2;
        fclose(file);
    }
    inside = 0;
    return found;
}

/* One less of what is counted; the file goes with the last one. */
static void spend(const char *what, long number) {
    const char *path = getenv("BAD_DISK");
    inside = 1;
    if (number <= 1) {
        unlink(path);
    } else {
        FILE *file = fopen(path, "we");
        if (file) {
            fprintf(file, "%s %ld\n", what, number - 1);
            fclose(file);
        }
    }
    inside = 0;
}

static int segment(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strstr(path, "/segments/") != NULL;
}

static int synced(int fd, int (*real)(int)) {
    char what[32];
    long number;
    int before = errno;
    if (segment(fd) && wish(what, &number)) {
        if (!strcmp(what, "sync-eio")) {
            spend(what, number);
            errno = EIO;
            return -1;
        }
        if (!strcmp(what, "sync-stall")) {
            struct timespec time = { number / 1000, number % 1000 * 1000000 };
            nanosleep(&time, NULL);
        }
    }
    errno = before;
    return real(fd);
}

int fsync(int fd) {
    return synced(fd, (int (*)(int))dlsym(RTLD_NEXT, "fsync"));
}

int fdatasync(int fd) {
    return synced(fd, (int (*)(int))dlsym(RTLD_NEXT, "fdatasync"));
}

ssize_t write(int fd, const void *bytes, size_t length) {
    static ssize_t (*real)(int, const void *, size_t);
    static int turn;
    char what[32];
    long number;
    if (!real) real = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    int before = errno;
    if (!inside && segment(fd) && wish(what, &number)) {
        if (!strcmp(what, "write-eio")) {
            spend(what, number);
            errno = EIO;
            return -1;
        }
        if (!strcmp(what, "write-full")) {
            errno = ENOSPC;
            return -1;
        }
        if (!strcmp(what, "write-eintr") && turn++ % 2 == 0) {
            errno = EINTR;
            return -1;
        }
        if (!strcmp(what, "write-short") && length > (size_t)number) length = (size_t)number;
    }
    errno = before;
    return real(fd, bytes, length);
}

int clock_gettime(clockid_t which, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    char what[32];
    long number;
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int done = real(which, time);
    int before = errno;
    if (!done && which == CLOCK_REALTIME && wish(what, &number) && !strcmp(what, "time-step")) time->tv_sec += number;
    errno = before;
    return done;
}
