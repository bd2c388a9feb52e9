// @ts-check
// What the user has dropped or chosen: an archive, or the images of a folder.

/** @typedef {import("./stream.js").ChosenFile} ChosenFile */

/**
 * @typedef {object} Kinds endings of the names of files, in small letters
 * @property {string[]} images
 * @property {string[]} tables which may hold the labels
 * @property {string[]} archives
 * @property {string} sets the names of files of published sets, as a regular expression
 * @property {string[]} closed archives of kinds that cannot be opened
 *
 * @typedef {object} Choice
 * @property {ChosenFile[]} files to send
 * @property {number} images
 * @property {number} sets files of published sets
 * @property {number} others files that are not sent
 * @property {string} error why nothing can be sent; else empty
 */

/**
 * What to send of the files.
 * @param {ChosenFile[]} files
 * @param {Kinds} kinds
 * @returns {Choice}
 */
export function choose(files, kinds) {
  const shown = files.filter(({ path }) => !isHidden(path));
  const archives = shown.filter(({ path }) => hasEnding(path, kinds.archives));
  if (archives.length === 1 && shown.length === 1) return { files: archives, images: 0, sets: 0, others: 0, error: "" };
  const isImage = (/** @type {ChosenFile} */ { path, file }) => hasEnding(path, kinds.images) && file.size > 0;
  const images = shown.filter(isImage);
  const tables = shown.filter(({ path }) => hasEnding(path, kinds.tables));
  const isOfSet = new RegExp(`^(?:${kinds.sets})$`, "i");
  const sets = shown.filter(({ path }) => isOfSet.test(path.split("/").pop() ?? ""));
  const others = shown.length - images.length - tables.length - sets.length;
  let error = "";
  if (!images.length && !sets.length) {
    const count = shown.length.toLocaleString("en-US");
    error = shown.length === 1 ? "This file is no image." : `There are no images among these ${count} files.`;
    if (archives.length > 1) error = "Choose one archive at a time.";
    else if (shown.some(({ path }) => hasEnding(path, kinds.closed))) error += " Of archives, only .zip and .tar can be opened: unpack others, and choose their folder.";
  }
  const chosen = error ? [] : [...images, ...tables, ...sets];
  return { files: chosen, images: images.length, sets: sets.length, others, error };
}

/** @param {string} path @param {string[]} endings */
function hasEnding(path, endings) {
  const name = path.toLowerCase();
  return endings.some((ending) => name.endsWith(ending));
}

/** @param {string} path */
function isHidden(path) {
  return path.split("/").some((name) => name.startsWith(".") || name.toLowerCase() === "__macosx");
}

/** A sentence about what is sent. @param {Choice} choice */
export function choiceText({ images, sets, others }) {
  if (!images && !sets) return "";
  const ofSets = sets === 1 ? "1 file of a published set." : `${sets} files of published sets.`;
  const text = !images ? ofSets : images === 1 ? "1 image." : `${images.toLocaleString("en-US")} images.`;
  if (!others) return text;
  return `${text} ${others === 1 ? "1 other file is" : `${others.toLocaleString("en-US")} other files are`} left out.`;
}

/**
 * The files among dropped things, with all that lies in dropped folders.
 * @param {DataTransfer} dropped
 * @param {(count: number) => void} report the number of files found so far
 * @returns {Promise<ChosenFile[]>}
 */
export async function droppedFiles(dropped, report) {
  // The list of items is empty after the first wait.
  const entries = [...dropped.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (!entries.length) return inputFiles(dropped.files);
  /** @type {ChosenFile[]} */
  const found = [];
  for (const waiting = [...entries]; waiting.length; ) {
    const entry = /** @type {FileSystemEntry} */ (waiting.pop());
    if (entry.isDirectory) {
      waiting.push(...(await contents(/** @type {FileSystemDirectoryEntry} */ (entry))));
    } else {
      const file = await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
      found.push({ path: entry.fullPath.replace(/^\//, ""), file });
    }
    report(found.length);
  }
  return found;
}

/** @param {FileSystemDirectoryEntry} folder @returns {Promise<FileSystemEntry[]>} */
async function contents(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // at most 100
    if (!some.length) return all;
    all.push(...some);
  }
}

/** The files that a file input holds. @param {FileList} list @returns {ChosenFile[]} */
export function inputFiles(list) {
  return [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/**
 * The files of the clipboard. Browsers give every pasted picture the same name, so each gets a number.
 * @param {Iterable<File>} list
 * @returns {ChosenFile[]}
 */
export function pastedFiles(list) {
  return [...list].map((file, i) => ({ path: i ? file.name.replace(/(\.[^.]*)?$/, `-${i + 1}$1`) : file.name, file }));
}
