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
#include "journal.h"

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
  lock(); /* what is noted is written too */
  uint64_t covers = control->number;
  unlock();
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
