/**
 * Keeps a scrolling box at its end while its content grows, unless the reader has scrolled up.
 * Returns a function that goes back to following.
 */
export function stayAtEnd(scroller, content) {
  let following = true;
  let top = 0;
  scroller.addEventListener('scroll', () => {
    const near = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 48;
    // Content that grew since the last frame looks like scrolling up, but the box has not moved.
    following = near || (following && scroller.scrollTop >= top);
    top = scroller.scrollTop;
  });
  const observer = new ResizeObserver(() => {
    if (following) scroller.scrollTop = scroller.scrollHeight;
  });
  observer.observe(content);
  observer.observe(scroller);
  return () => {
    following = true;
  };
}
