// @ts-check
// Files as one stream of bytes, one file after the other.

/** @typedef {{path: string, file: Blob}} ChosenFile path: from the folder that was chosen, with its name */

export class FileStream {
  /** @param {ChosenFile[]} files */
  constructor(files) {
    this.files = files;
    /** Where each file begins. @type {number[]} */
    this.starts = [];
    this.size = 0;
    for (const { file } of files) {
      this.starts.push(this.size);
      this.size += file.size;
    }
  }

  /** Path and size of each file. @returns {[string, number][]} */
  list() {
    return this.files.map(({ path, file }) => [path, file.size]);
  }

  /** The place of the file that has the byte at an offset. @param {number} offset below the size */
  at(offset) {
    let low = 0;
    let high = this.files.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The bytes from an offset on; nothing is read yet. @param {number} offset @param {number} length at most */
  piece(offset, length) {
    const parts = [];
    const end = Math.min(offset + length, this.size);
    for (let i = offset < end ? this.at(offset) : this.files.length; i < this.files.length && this.starts[i] < end; i++) {
      const start = this.starts[i];
      parts.push(this.files[i].file.slice(Math.max(offset - start, 0), end - start));
    }
    return new Blob(parts);
  }
}
