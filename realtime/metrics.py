"""Names of what the room counts; `liveshop` gives them to Prometheus."""

CONNECTIONS = "room_connections"
ROOMS = "room_rooms"
TURNED_AWAY = "room_turned_away_total"
CLOSED = "room_closed_total"
TOO_SLOW = "room_too_slow_total"
SLOW_BEGUN = "room_slow_begun_total"
CAUGHT_UP = "room_caught_up_total"
RESUMED = "room_resumed_total"
SNAPSHOTS = "room_snapshots_total"
NEW_EPOCHS = "room_new_epochs_total"
LOG_GAPS = "room_log_gaps_total"
FRAMES_IN = "room_frames_in_total"
FRAMES_REFUSED = "room_frames_refused_total"
COMMENTS = "room_comments_total"
COMMENTS_LEFT_OUT = "room_comments_left_out_total"
FACTS_COPIED = "room_facts_copied_total"
FACTS_BROKEN = "room_facts_broken_total"
STORE_ERRORS = "room_store_errors_total"
PORT_ERRORS = "room_port_errors_total"
WAKE_RECONNECTS = "room_wake_reconnects_total"
PEOPLE_BROKEN = "room_people_broken_total"
CLASSIFIER_FAILED = "room_classifier_failed_total"
HELD = "room_held_total"
TRANSLATED = "room_translated_total"
TRANSLATE_FAILED = "room_translate_failed_total"
TRANSLATE_REFUSED = "room_translate_refused_total"
TICK_S = "room_tick_seconds"

DESCRIPTIONS: dict[str, str] = {
    CONNECTIONS: "Gauge: open sockets that said hello.",
    ROOMS: "Gauge: rooms open in this process.",
    TURNED_AWAY: "Sockets refused at the door: too many in all, from one address, or at once.",
    CLOSED: "Sockets closed by the server.",
    TOO_SLOW: "Sockets aborted because their buffer or their lag passed the bound.",
    SLOW_BEGUN: "Times a socket began to get only state because it reads too slowly.",
    CAUGHT_UP: "Times such a socket read again and got what it had missed.",
    RESUMED: "Hellos answered with exactly the missed facts.",
    SNAPSHOTS: "Hellos answered with a snapshot.",
    NEW_EPOCHS: "Logs found restored to an older state.",
    LOG_GAPS: "Reads that found entries missing (trimmed) and began from a snapshot.",
    FRAMES_IN: "Frames from clients.",
    FRAMES_REFUSED: "Frames refused or answered with an error before any work was done.",
    COMMENTS: "Comments accepted.",
    COMMENTS_LEFT_OUT: "Comments not sent to viewers because they came too fast to read.",
    FACTS_COPIED: "Facts this process copied into logs.",
    FACTS_BROKEN: "Source entries that cannot be read; skipped.",
    STORE_ERRORS: "Calls that Redis did not answer.",
    PORT_ERRORS: "Calls of a port that failed without a code.",
    WAKE_RECONNECTS: "Times the wake-up connection was made anew.",
    PEOPLE_BROKEN: "Messages to one person that cannot be read.",
    CLASSIFIER_FAILED: "Comments let through because the classifier did not answer in time.",
    HELD: "Comments held for a moderator's look.",
    TRANSLATED: "Comments given to the translator.",
    TRANSLATE_FAILED: "Calls that the translator did not answer.",
    TRANSLATE_REFUSED: "Translations refused because the translator is away or has too much to do.",
    TICK_S: "Histogram: seconds from a tick's start to its last write.",
}
