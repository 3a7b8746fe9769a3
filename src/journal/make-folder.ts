import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder and those it lies in, where they are not there. Node's own way asks for ever where a parent exists and
 * takes no folders, as under /proc, and nothing can end a process that waits for it.
 */
export async function makeFolder(path: string): Promise<void> {
  const error = await tryMkdir(path)
  if (error?.code === 'ENOENT' && dirname(path) !== path) {
    await makeFolder(dirname(path))
    const again = await tryMkdir(path)
    if (again !== undefined) throw again
  } else if (error !== undefined) throw error
}

/** Why there is no such folder now; a read-only disk refuses to make even one that is there. */
async function tryMkdir(path: string): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await mkdir(path)
  } catch (error) {
    return (await isFolder(path)) ? undefined : (error as NodeJS.ErrnoException)
  }
  return undefined
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    info => info.isDirectory(),
    () => false,
  )
}
