// Has Python draw again, some time after this was drawn.

const waiting = new WeakMap(); // parentElement -> ends what began with its last drawing

export default function ({ data, parentElement, setTriggerValue }) {
  if (!data) return undefined;
  waiting.get(parentElement)?.();
  const telling = new Telling(() => setTriggerValue("due", true));
  const look = () => document.hidden || telling.tell();
  const timer = setInterval(look, data.every);
  document.addEventListener("visibilitychange", look);
  const end = () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
  };
  waiting.set(parentElement, end);
  return end;
}
