// Parts that a room or a session loads later, loaded ahead: virtual time stands still while the disk is waited for, or
// passes without it.
import '../../src/directory/open-directory.js';
import '../../src/features/files.js';
import '../../src/shared/image-size.js';
import '../../src/features/message-search.js';
import '../../src/features/pins.js';
import '../../src/features/presence.js';
import '../../src/features/reaction-writer.js';
import '../../src/features/read.js';
import '../../src/features/revision-writer.js';
import '../../src/features/signals.js';
import '../../src/features/typing.js';
import '../../src/room/lite-runtime.js';
import '../../src/room/room-log.js';
import '../../src/room/room-storage.js';
import '../../src/room/threads.js';
import '../../src/shared/image-size.js';
import '../../src/transport/fetch-transport.js';
import '../../src/transport/sdk-transport.js';
