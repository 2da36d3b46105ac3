import { access } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Whether a folder lies in a Git repository or worktree: some folder above it holds `.git`, a folder or a file. */
export async function isInRepository(folder: string): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    const found = await access(join(at, ".git")).then(
      () => true,
      () => false,
    );
    if (found || dirname(at) === at) {
      return found;
    }
  }
}
