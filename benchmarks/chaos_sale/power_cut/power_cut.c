/* power_cut: a preload library that remembers what a power cut would take back.
 *
 * For every regular file below POWER_CUT_ROOTS (real paths, ':' between) each write, truncate, rename, creation
 * and unlinking is written down in a journal before it happens, with the bytes it replaces. A successful fsync
 * or fdatasync is written down after it: what happened to that file before it began is on disk. What is left at
 * the moment in which all processes are killed is what a power cut may take back; undo.py does it.
 *
 * - One mutex and one counter for all processes of a life, in POWER_CUT_SIDE/control: the journal's order is the
 *   order in which things happened, also between processes that write one file. The mutex is robust: whoever
 *   holds it may be killed.
 * - A journal for each process, POWER_CUT_SIDE/journal-PID-TIME; a forked child opens its own.
 * - Every file that is written gets a second name POWER_CUT_SIDE/inodes/DEV-INODE, so that it can be found after
 *   renames, and outlives its unlinking (its number is not given to another file).
 * - O_SYNC and O_DSYNC count as a sync after each write. sync_file_range is a hint and counts as nothing.
 * - Names are on disk once their folder was synced; folders themselves are taken to be.
 *
 * Not seen: stdio (libc writes past the PLT), memory maps, io_uring, copy_file_range and sendfile into a file. Of
 * what liveshop relies on nothing is written so; SQLite's "-shm" is mapped and not durable by design: files with
 * that ending are left out, and a cut removes them.
 */
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

/* What a writing call does before and after: `offset` -1 is the descriptor's own position. */
static void before_write(int fd, off_t offset, size_t length) {
  struct stat found;
  lock();
  if (fstat(fd, &found) != 0) fail("fstat");
  if (fcntl(fd, F_GETFL) & O_APPEND) offset = found.st_size;
  else if (offset < 0) offset = lseek(fd, 0, SEEK_CUR);
  note_write(fd, &found, offset, length);
}

static void after_write(int fd, ssize_t written) {
  struct stat found;
  int saved = errno;
  if (written >= 0 && (fcntl(fd, F_GETFL) & (O_SYNC | O_DSYNC)) && fstat(fd, &found) == 0)
    note_sync(&found, control->number);
  unlock();
  errno = saved;
}

static size_t sum(const struct iovec *parts, int count) {
  size_t total = 0;
  for (int i = 0; i < count; i++) total += parts[i].iov_len;
  return total;
}

#define WRITING(fd, offset, length, call) \
  do { \
    struct stat found_; \
    READY(); \
    if (!counts(fd, &found_)) return call; \
    before_write(fd, offset, length); \
    ssize_t done_ = call; \
    after_write(fd, done_); \
    return done_; \
  } while (0)

ssize_t write(int fd, const void *bytes, size_t length) { WRITING(fd, -1, length, real_write(fd, bytes, length)); }

ssize_t writev(int fd, const struct iovec *parts, int count) {
  WRITING(fd, -1, sum(parts, count), real_writev(fd, parts, count));
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  WRITING(fd, offset, length, real_pwrite(fd, bytes, length, offset));
}
ssize_t pwrite64(int, const void *, size_t, off_t) __attribute__((alias("pwrite")));

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  WRITING(fd, offset, sum(parts, count), real_pwritev(fd, parts, count, offset));
}
ssize_t pwritev64(int, const struct iovec *, int, off_t) __attribute__((alias("pwritev")));

ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t offset, int flags) {
  WRITING(fd, offset, sum(parts, count), real_pwritev2(fd, parts, count, offset, flags));
}
ssize_t pwritev64v2(int, const struct iovec *, int, off_t, int) __attribute__((alias("pwritev2")));

int ftruncate(int fd, off_t size) {
  struct stat found;
  READY();
  if (!counts(fd, &found)) return real_ftruncate(fd, size);
  lock();
  if (fstat(fd, &found) == 0) note_resize(fd, &found, size);
  int answer = real_ftruncate(fd, size);
  unlock();
  return answer;
}
int ftruncate64(int, off_t) __attribute__((alias("ftruncate")));

/* Notes that a file that has a name and no descriptor gets another size. */
static void note_resize_at(const char *path, off_t size) {
  struct stat found;
  int saved = errno, fd = real_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (fd >= 0) {
    if (fstat(fd, &found) == 0 && S_ISREG(found.st_mode)) {
      keep(path, &found);
      note_resize(fd, &found, size);
    }
    real_close(fd);
  }
  errno = saved;
}

int truncate(const char *path, off_t size) {
  char full[PATH_MAX];
  READY();
  if (!locate(AT_FDCWD, path, full)) return real_truncate(path, size);
  lock();
  note_resize_at(full, size);
  int answer = real_truncate(path, size);
  unlock();
  return answer;
}
int truncate64(const char *, off_t) __attribute__((alias("truncate")));

/* Room that is made at the end is a change of size; room inside the file changes no byte. */
static void before_growing(int fd, off_t end) {
  struct stat found;
  lock();
  if (fstat(fd, &found) == 0 && end > found.st_size) note_resize(fd, &found, end);
}

int posix_fallocate(int fd, off_t offset, off_t length) {
  struct stat found;
  READY();
  if (!counts(fd, &found)) return real_posix_fallocate(fd, offset, length);
  before_growing(fd, offset + length);
  int answer = real_posix_fallocate(fd, offset, length);
  unlock();
  return answer;
}
int posix_fallocate64(int, off_t, off_t) __attribute__((alias("posix_fallocate")));

int fallocate(int fd, int mode, off_t offset, off_t length) {
  struct stat found;
  READY();
  if (mode || !counts(fd, &found)) return real_fallocate(fd, mode, offset, length);
  before_growing(fd, offset + length);
  int answer = real_fallocate(fd, mode, offset, length);
  unlock();
  return answer;
}
int fallocate64(int, int, off_t, off_t) __attribute__((alias("fallocate")));

static int synced(int fd, int (*real)(int)) {
  struct stat found;
  char path[PATH_MAX];
  int folder = control && fstat(fd, &found) == 0 && S_ISDIR(found.st_mode) && path_of(fd, path);
  if (folder) {
    strncat(path, "/", sizeof path - strlen(path) - 1); /* a root itself counts too */
    folder = is_ours(path);
  }
  if (!folder && !counts(fd, &found)) return real(fd);
  uint64_t covers = __atomic_load_n(&control->number, __ATOMIC_SEQ_CST);
  int answer = real(fd);
  if (answer == 0) {
    lock();
    note_sync(&found, covers);
    unlock();
  }
  return answer;
}

int fsync(int fd) {
  READY();
  return synced(fd, real_fsync);
}

int fdatasync(int fd) {
  READY();
  return synced(fd, real_fdatasync);
}

/* Notes a change of names in the folder of `full`. */
static uint64_t note_name(uint64_t kind, const char *full, const char *second, uint64_t moved, uint64_t replaced) {
  char folder[PATH_MAX];
  struct stat found;
  strcpy(folder, full);
  *strrchr(folder, '/') = 0;
  if (stat(folder, &found) != 0) return 0;
  struct record record = {.kind = kind, .dev = found.st_dev, .inode = found.st_ino, .moved = moved,
                          .replaced = replaced};
  return note(&record, full, second, NULL);
}

static uint64_t kept(const char *path) {
  struct stat found;
  if (lstat(path, &found) != 0 || !S_ISREG(found.st_mode)) return 0;
  keep(path, &found);
  return found.st_ino;
}

static int opened(int folder, const char *path, int flags, mode_t mode) {
  char full[PATH_MAX];
  struct stat found;
  int changes = (flags & (O_CREAT | O_TRUNC)) || (flags & O_ACCMODE) != O_RDONLY;
  if (!changes || (flags & O_TMPFILE) == O_TMPFILE || !locate(folder, path, full)) {
    int fd = real_openat(folder, path, flags, mode);
    forget(fd);
    return fd;
  }
  lock();
  int existed = lstat(full, &found) == 0;
  if (existed && S_ISREG(found.st_mode) && (flags & O_TRUNC) && found.st_size > 0) note_resize_at(full, 0);
  int fd = real_openat(folder, path, flags, mode), saved = errno;
  forget(fd);
  if (fd >= 0 && fstat(fd, &found) == 0 && S_ISREG(found.st_mode)) {
    if (fd < MAX_FD) states[fd] = OURS;
    keep(full, &found);
    if (!existed) note_name(CREATE, full, NULL, found.st_ino, 0);
  }
  unlock();
  errno = saved;
  return fd;
}

#define MODE(flags) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | O_TMPFILE)) { \
    va_list rest; \
    va_start(rest, flags); \
    mode = va_arg(rest, mode_t); \
    va_end(rest); \
  }

int open(const char *path, int flags, ...) {
  MODE(flags)
  READY();
  return opened(AT_FDCWD, path, flags, mode);
}
int open64(const char *, int, ...) __attribute__((alias("open")));

int openat(int folder, const char *path, int flags, ...) {
  MODE(flags)
  READY();
  return opened(folder, path, flags, mode);
}
int openat64(int, const char *, int, ...) __attribute__((alias("openat")));

int __open_2(const char *path, int flags) {
  READY();
  return opened(AT_FDCWD, path, flags, 0);
}
int __open64_2(const char *, int) __attribute__((alias("__open_2")));

int __openat_2(int folder, const char *path, int flags) {
  READY();
  return opened(folder, path, flags, 0);
}
int __openat64_2(int, const char *, int) __attribute__((alias("__openat_2")));

int creat(const char *path, mode_t mode) {
  READY();
  return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
int creat64(const char *, mode_t) __attribute__((alias("creat")));

int close(int fd) {
  READY();
  forget(fd);
  return real_close(fd);
}

int close_range(unsigned int first, unsigned int last, int flags) {
  READY();
  for (unsigned int fd = first; fd <= last && fd < MAX_FD && !flags; fd++) states[fd] = UNKNOWN;
  if (!flags && journal >= 0 && (unsigned int)journal >= first && (unsigned int)journal <= last) forget_journal();
  return real_close_range(first, last, flags);
}

int dup2(int from, int to) {
  READY();
  if (from != to) forget(to);
  return real_dup2(from, to);
}

int dup3(int from, int to, int flags) {
  READY();
  forget(to);
  return real_dup3(from, to, flags);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned int flags) {
  char old[PATH_MAX], fresh[PATH_MAX];
  READY();
  int known = locate(from_folder, from, old);
  if (!locate(to_folder, to, fresh) || !known || flags)
    return real_renameat2(from_folder, from, to_folder, to, flags);
  lock();
  uint64_t number = note_name(RENAME, fresh, old, kept(old), kept(fresh));
  int answer = real_renameat2(from_folder, from, to_folder, to, flags);
  if (answer != 0) note_cancelled(number);
  unlock();
  return answer;
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
  return renameat2(from_folder, from, to_folder, to, 0);
}

int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int folder, const char *path, int flags) {
  char full[PATH_MAX];
  READY();
  if (flags || !locate(folder, path, full)) return real_unlinkat(folder, path, flags);
  lock();
  uint64_t inode = kept(full);
  uint64_t number = inode ? note_name(UNLINK, full, NULL, inode, 0) : 0;
  int answer = real_unlinkat(folder, path, flags);
  if (answer != 0 && inode) note_cancelled(number);
  unlock();
  return answer;
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }

int remove(const char *path) {
  struct stat found;
  if (lstat(path, &found) == 0 && S_ISDIR(found.st_mode)) return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
  return unlinkat(AT_FDCWD, path, 0);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
  char full[PATH_MAX];
  READY();
  if (!locate(to_folder, to, full)) return real_linkat(from_folder, from, to_folder, to, flags);
  lock();
  int answer = real_linkat(from_folder, from, to_folder, to, flags);
  if (answer == 0) note_name(CREATE, full, NULL, kept(full), 0);
  unlock();
  return answer;
}

int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }
