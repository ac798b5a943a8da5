/** The chat's card; users' words are put into it as text. @param noun what users call a room. */
export const chatMarkup = (noun: string) => /* html */ `
  <details class="card chat" data-testid="chat">
    <summary>
      <h2>Chat</h2>
      <span class="unread" data-testid="chat-unread" hidden></span>
    </summary>
    <div class="messages" data-testid="chat-log" role="log" aria-label="Messages" tabindex="0">
      <ol data-testid="chat-list"></ol>
    </div>
    <p class="hint" data-testid="chat-hint">
      Messages reach the users who have the ${noun} open now. They are not kept.
    </p>
    <form class="chat-form" data-testid="chat-form">
      <label class="hidden" for="chat-input">Message</label>
      <input
        id="chat-input"
        data-testid="chat-input"
        placeholder="Message"
        maxlength="4000"
        autocomplete="off"
      />
      <button class="primary" data-testid="chat-send">Send</button>
    </form>
  </details>`;
