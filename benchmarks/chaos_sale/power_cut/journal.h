/* The journal of power_cut.c: one mutex and one counter for all processes, a file of records for each. */
#ifndef POWER_CUT_JOURNAL_H
#define POWER_CUT_JOURNAL_H
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { WRITE = 1, RESIZE = 2, SYNC = 3, CREATE = 4, UNLINK = 5, RENAME = 6, CANCEL = 7 };
enum { UNKNOWN = 0, FOREIGN = 1, OURS = 2 };

#define MAX_FD 65536
#define MAX_ROOTS 8
#define MAGIC 0x706f776572637574ULL /* "powercut" */

/* One record; records.py reads the same. `dev`, `inode` name the file, for names their folder. Two names and then
 * `payload_bytes` bytes follow. RESIZE: `offset` is the new size. SYNC: `offset` is the last number it covers.
 * CANCEL: `offset` is the number of what did not happen. `moved`: inode behind the name; `replaced`: the one it
 * took the name from, 0 when there was none. */
struct record {
  uint64_t magic, number, kind, dev, inode, offset, length, old_size, moved, replaced;
  uint64_t name_bytes, second_name_bytes, payload_bytes;
};

struct control {
  uint64_t magic, number;
  pthread_mutex_t lock;
};

static struct control *control;
static char roots[MAX_ROOTS][PATH_MAX];
static size_t root_count;
static char side[PATH_MAX - 64];
static int journal = -1;
static unsigned char states[MAX_FD];
static pthread_once_t once = PTHREAD_ONCE_INIT;

#define REAL(answer, name, ...) static answer (*real_##name)(__VA_ARGS__)
REAL(int, openat, int, const char *, int, ...);
REAL(int, close, int);
REAL(ssize_t, write, int, const void *, size_t);
REAL(ssize_t, writev, int, const struct iovec *, int);
REAL(ssize_t, pwrite, int, const void *, size_t, off_t);
REAL(ssize_t, pwritev, int, const struct iovec *, int, off_t);
REAL(ssize_t, pwritev2, int, const struct iovec *, int, off_t, int);
REAL(int, ftruncate, int, off_t);
REAL(int, truncate, const char *, off_t);
REAL(int, fallocate, int, int, off_t, off_t);
REAL(int, posix_fallocate, int, off_t, off_t);
REAL(int, renameat2, int, const char *, int, const char *, unsigned int);
REAL(int, unlinkat, int, const char *, int);
REAL(int, linkat, int, const char *, int, const char *, int);
REAL(int, fsync, int);
REAL(int, fdatasync, int);
REAL(int, dup2, int, int);
REAL(int, dup3, int, int, int);
REAL(int, close_range, unsigned int, unsigned int, int);

static void fail(const char *what) {
  dprintf(2, "power_cut: %s: %s\n", what, strerror(errno));
  abort();
}

static void find_real(void) {
#define FIND(name) \
  do { \
    *(void **)&real_##name = dlsym(RTLD_NEXT, #name); \
    if (!real_##name) fail(#name); \
  } while (0)
  FIND(openat); FIND(close); FIND(write); FIND(writev); FIND(pwrite); FIND(pwritev); FIND(pwritev2);
  FIND(ftruncate); FIND(truncate); FIND(fallocate); FIND(posix_fallocate); FIND(renameat2); FIND(unlinkat);
  FIND(linkat); FIND(fsync); FIND(fdatasync); FIND(dup2); FIND(dup3); FIND(close_range);
}

static void forget_journal(void) { journal = -1; }

/* Maps the control file; the first process of a life makes the mutex, under a file lock. */
static void map_control(void) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/control", side);
  int handle = real_openat(AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (handle < 0) fail(path);
  fchmod(handle, 0666);
  flock(handle, LOCK_EX);
  struct stat found;
  if (fstat(handle, &found) != 0) fail("fstat");
  if (found.st_size < (off_t)sizeof *control && real_ftruncate(handle, sizeof *control) != 0) fail("ftruncate");
  control = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, handle, 0);
  if (control == MAP_FAILED) fail("mmap");
  if (control->magic != MAGIC) {
    pthread_mutexattr_t kind;
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&control->lock, &kind);
    control->magic = MAGIC;
  }
  flock(handle, LOCK_UN);
  real_close(handle);
}

static void set_up(void) {
  find_real();
  const char *given = getenv("POWER_CUT_ROOTS"), *beside = getenv("POWER_CUT_SIDE");
  if (!given || !beside || strlen(beside) >= sizeof side) return;
  strcpy(side, beside);
  while (*given && root_count < MAX_ROOTS) {
    size_t size = strcspn(given, ":");
    if (size && size < PATH_MAX) {
      memcpy(roots[root_count], given, size);
      roots[root_count++][size] = 0;
    }
    given += size + (given[size] == ':');
  }
  map_control();
  pthread_atfork(NULL, NULL, forget_journal);
}

__attribute__((constructor)) static void begin(void) { pthread_once(&once, set_up); }
#define READY() pthread_once(&once, set_up)

static void lock(void) {
  if (pthread_mutex_lock(&control->lock) == EOWNERDEAD) pthread_mutex_consistent(&control->lock);
}

static void unlock(void) { pthread_mutex_unlock(&control->lock); }

static int is_ours(const char *path) {
  size_t size = strlen(path);
  if (size > 4 && strcmp(path + size - 4, "-shm") == 0) return 0;
  for (size_t i = 0; i < root_count; i++) {
    size_t head = strlen(roots[i]);
    if (strncmp(path, roots[i], head) == 0 && path[head] == '/') return 1;
  }
  return 0;
}

static int path_of(int fd, char *out) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t size = readlink(link, out, PATH_MAX - 1);
  if (size < 0) return 0;
  out[size] = 0;
  return 1;
}

/* Resolves the folder of a path with detours in it. */
static int straighten(char *path) {
  char folder[PATH_MAX], name[NAME_MAX + 1];
  char *last = strrchr(path, '/');
  if (strlen(last + 1) > NAME_MAX) return 0;
  strcpy(name, last + 1);
  *last = 0;
  if (!realpath(path[0] ? path : "/", folder) || strlen(folder) + strlen(name) + 2 > PATH_MAX) return 0;
  sprintf(path, "%s/%s", folder, name);
  return 1;
}

/* Writes the absolute path to `out`; false when it is none of ours. Links on a straight way are not followed. */
static int locate(int folder, const char *path, char *out) {
  if (!control || !path) return 0;
  size_t size = 0;
  if (path[0] != '/') {
    if (folder == AT_FDCWD ? !getcwd(out, PATH_MAX) : !path_of(folder, out)) return 0;
    size = strlen(out);
    while (path[0] == '.' && path[1] == '/') path += 2;
    if (size + 1 >= PATH_MAX) return 0;
    out[size++] = '/';
  }
  if (size + strlen(path) >= PATH_MAX) return 0;
  strcpy(out + size, path);
  int saved = errno, straight = !(strstr(out, "/../") || strstr(out, "/./") || strstr(out, "//"));
  int known = (straight || straighten(out)) && is_ours(out);
  errno = saved;
  return known;
}

/* Whether writes to this descriptor count; remembered until it is closed. */
static int counts(int fd, struct stat *found) {
  char path[PATH_MAX];
  if (!control || fd < 0 || fd >= MAX_FD || states[fd] == FOREIGN) return 0;
  int saved = errno;
  int regular = fstat(fd, found) == 0 && S_ISREG(found->st_mode);
  if (!regular) states[fd] = FOREIGN;
  else if (states[fd] == UNKNOWN) states[fd] = path_of(fd, path) && is_ours(path) ? OURS : FOREIGN;
  errno = saved;
  return states[fd] == OURS;
}

static void forget(int fd) {
  if (fd >= 0 && fd < MAX_FD) states[fd] = UNKNOWN;
}

static void put(const struct iovec *parts, int count) {
  if (journal < 0) {
    char path[PATH_MAX];
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(path, sizeof path, "%s/journal-%d-%lld%09ld", side, getpid(), (long long)now.tv_sec, now.tv_nsec);
    int low = real_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (low < 0) fail(path);
    journal = fcntl(low, F_DUPFD_CLOEXEC, 900); /* out of the way of programs that count on low numbers */
    if (journal < 0) journal = low;
    else real_close(low);
  }
  if (real_writev(journal, parts, count) < 0) fail("journal");
}

static uint64_t note(struct record *record, const char *name, const char *second, const void *payload) {
  record->magic = MAGIC;
  record->number = ++control->number;
  record->name_bytes = name ? strlen(name) : 0;
  record->second_name_bytes = second ? strlen(second) : 0;
  struct iovec parts[] = {
      {record, sizeof *record},
      {(void *)name, record->name_bytes},
      {(void *)second, record->second_name_bytes},
      {(void *)payload, record->payload_bytes},
  };
  put(parts, 4);
  return record->number;
}

static void note_cancelled(uint64_t number) {
  struct record record = {.kind = CANCEL, .offset = number};
  note(&record, NULL, NULL, NULL);
}

/* Gives a file its second name. */
static void keep(const char *path, const struct stat *found) {
  char name[PATH_MAX];
  int saved = errno;
  snprintf(name, sizeof name, "%s/inodes/%llu-%llu", side, (unsigned long long)found->st_dev,
           (unsigned long long)found->st_ino);
  if (real_linkat(AT_FDCWD, path, AT_FDCWD, name, 0) != 0 && errno != EEXIST) fail(name);
  errno = saved;
}

/* Notes a change of the bytes from `from` to `to` (or of the size) with what is there now. */
static void note_change(int fd, uint64_t kind, const struct stat *found, uint64_t offset, uint64_t length,
                        uint64_t from, uint64_t to) {
  struct record record = {.kind = kind, .dev = found->st_dev, .inode = found->st_ino, .offset = offset,
                          .length = length, .old_size = (uint64_t)found->st_size};
  int saved = errno, reader = fd;
  char *bytes = NULL;
  if (to > from) {
    if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY) {
      char path[64];
      snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
      reader = real_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
      if (reader < 0) fail(path);
    }
    bytes = malloc(to - from);
    if (!bytes) fail("malloc");
    while (record.payload_bytes < to - from) {
      ssize_t got = pread(reader, bytes + record.payload_bytes, to - from - record.payload_bytes,
                          (off_t)(from + record.payload_bytes));
      if (got <= 0) fail("pread");
      record.payload_bytes += (uint64_t)got;
    }
    if (reader != fd) real_close(reader);
  }
  note(&record, NULL, NULL, bytes);
  free(bytes);
  errno = saved;
}

static void note_write(int fd, const struct stat *found, off_t offset, size_t length) {
  uint64_t from = (uint64_t)offset, to = from + length, size = (uint64_t)found->st_size;
  note_change(fd, WRITE, found, from, length, from, to < size ? to : size);
}

static void note_resize(int fd, const struct stat *found, off_t size) {
  uint64_t to = (uint64_t)found->st_size;
  note_change(fd, RESIZE, found, (uint64_t)size, 0, (uint64_t)size, to);
}

static void note_sync(const struct stat *found, uint64_t covers) {
  struct record record = {.kind = SYNC, .dev = found->st_dev, .inode = found->st_ino, .offset = covers};
  note(&record, NULL, NULL, NULL);
}

#endif
