"""Power cuts for real programs: a preload library keeps what a cut would take back, and this takes it back.

    life = Life.begin(side, [data])
    subprocess.Popen(..., env={**os.environ, **life.environment(library)})
    ...                                   # kill every process, then:
    undone = life.cut(Random(7))          # the files are now what a disk would have kept

What a cut may do, and why: the bytes of each unsynced write may be lost, page by page and in any order; a
file grows in order (file systems write data before the size that shows it), so what follows the first lost
growth is lost too; the names of a folder change in order (metadata is journalled) and are on disk once the
folder was synced. That is what POSIX promises and no more: ext4 would keep most new names with the file's own
fsync.
"""
