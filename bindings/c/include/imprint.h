/* libimprint: the Imprint engine for C.
 *
 * Generated from bindings/c. Do not edit: change the Rust files there, then run
 *     IMPRINT_WRITE_HEADER=1 cargo test -p imprint-c --test header
 *
 * How to begin: docs/embedding-c.md.
 *
 * Ownership
 * What a function returns without `const` is the caller's, and is freed once, with the function `_free` of its type. All
 * else stays whose it was: what is passed in is borrowed until the call returns; a `const` text or handle that is
 * returned belongs to the handle it was asked of, and goes with it; what a callback is given goes when it returns. To
 * free null does nothing. To free twice, or to use what is freed, is undefined, as with `free`.
 *
 * Failing
 * A function that can fail takes `struct imprint_failure **failure`. It returns null (or 0) and puts a failure there,
 * which is the caller's. A call that finds a failure there does nothing and returns null (or 0): so several calls in a row
 * need one check, and the first failure is the one that is kept. `failure` itself may be null.
 * A null handle is a failure (IMP-9030) where one is needed, and gives null or 0 where something is only asked of it.
 *
 * Threads
 * There is no state beside the handles and the loaded plugins. Engines, images and cancel tokens may be used by several
 * threads at once; reports, failures and lists never change, and may be read by several. None may be freed while another
 * thread uses it. Callbacks come on the thread that called `imprint_run`. They may call any function here but those that
 * free what the run was given. They must return: no exception and no longjmp crosses the boundary.
 *
 * Text
 * All texts and paths are UTF-8 and end with a zero byte. A list of texts ends with a null pointer; null is an empty one.
 *
 * Growth
 * Structs grow at their end only, and begin with their size. Set `struct_size` and leave what you do not use zero:
 *     struct imprint_run_options options = { .struct_size = sizeof options, .on = "probe" };
 */

#ifndef IMPRINT_H
#define IMPRINT_H

#include <stddef.h>
#include <stdint.h>

// A step began.
#define IMPRINT_STEP_STARTED 1

// A step came further.
#define IMPRINT_STEP_PROGRESS 2

// A step ended.
#define IMPRINT_STEP_FINISHED 3

// The text that is scanned from this unit.
#define IMPRINT_PROMPT_BARCODE 1

// What the station is called.
#define IMPRINT_PROMPT_STATION_NAME 2

// A value that the image takes from outside; its name says which.
#define IMPRINT_PROMPT_VALUE 3

// Every step of the script succeeded.
#define IMPRINT_OUTCOME_PASS 1

// Something failed.
#define IMPRINT_OUTCOME_FAIL 2

// Somebody cancelled.
#define IMPRINT_OUTCOME_CANCELLED 3

// A token that stops units. It is used up once it was cancelled.
struct imprint_cancel;

// An engine: devices, trusted plugins, and the books.
struct imprint_engine;

// Why something failed. Its texts live as long as it does.
struct imprint_failure;

// A sealed image whose signature held. It stays what it was when it was opened, whatever becomes of its file's name.
struct imprint_image;

// Some things, each with two texts: what a call takes for it, and what it is.
struct imprint_list;

// A question. It lives as long as the callback that is given it.
struct imprint_prompt;

// What became of a unit. Its texts and its failure live as long as it does.
struct imprint_report;

// What an engine is made of. Set `struct_size`; what is left out is null.
struct imprint_engine_options {
  // `sizeof(struct imprint_engine_options)`.
  size_t struct_size;
  // Folders of plugins and their lists. A list of texts ends with a null pointer.
  const char *const *plugins;
  // Who may list plugins: public keys, root documents, or folders of them.
  const char *const *trust;
  // Folders of device descriptions; a twin of an image's own device needs none.
  const char *const *devices;
  // The folder of the station's books, made when it is not there. Images that count units or draw serial numbers need it.
  const char *state;
  // What the station is called, for images that program or record it.
  const char *station_name;
};

// Who is trusted, and with which key an encrypted image is opened. Set `struct_size`; what is left out is null.
struct imprint_image_options {
  // `sizeof(struct imprint_image_options)`.
  size_t struct_size;
  // Public keys of signers, root documents, or folders of them (key rings). A list of texts ends with a null pointer.
  const char *const *trust;
  // The file of this station's secret key; null for images that everyone may read.
  const char *station_key;
  // The passphrase that key is under, or null.
  const char *passphrase;
};

// How far a unit is. It lives as long as the callback that is given it.
struct imprint_progress {
  // The size the library knows: a field behind it is not there.
  size_t struct_size;
  // One of `IMPRINT_STEP_`.
  uint32_t kind;
  // Of a step that ended: 1 if it succeeded, else 0.
  uint32_t ok;
  // What is done, as in `program`.
  const char *step;
  // On what, as in `firmware`.
  const char *detail;
  // Bytes done.
  uint64_t done;
  // Bytes in all; 0 where it is not known.
  uint64_t total;
};

// Tells how far a unit is.
typedef void (*imprint_progress_fn)(void *user, const struct imprint_progress *progress);

// A value that the script recorded. It lives as long as the callback that is given it.
struct imprint_record {
  // The size the library knows: a field behind it is not there.
  size_t struct_size;
  // Its name.
  const char *name;
  // Its value as text: digits, `true`, `false`, or the text itself.
  const char *value;
};

// Tells what was recorded.
typedef void (*imprint_record_fn)(void *user, const struct imprint_record *record);

// Tells a line of the log: who wrote it (`script`, `family`, `test`), and the text.
typedef void (*imprint_log_fn)(void *user, const char *source, const char *text);

// Asks a question.
typedef void (*imprint_prompt_fn)(void *user, struct imprint_prompt *prompt);

// How a unit is run. Set `struct_size` and `on`; what is left out is null.
struct imprint_run_options {
  // `sizeof(struct imprint_run_options)`.
  size_t struct_size;
  // Where: `twin:DEVICE` a new virtual board, `twin:./FILE` one in a file, `probe` the only probe, `probe:SELECTOR` one of
  // several.
  const char *on;
  // What is handed in: `NAME=VALUE`. A list of texts ends with a null pointer.
  const char *const *values;
  // The text that was scanned from the unit.
  const char *barcode;
  // Stops the unit from another thread.
  const struct imprint_cancel *cancel;
  // Given to each callback as it is.
  void *user;
  // Told how far the unit is.
  imprint_progress_fn on_progress;
  // Told what the script records.
  imprint_record_fn on_record;
  // Told what is logged.
  imprint_log_fn on_log;
  // Asked, before anything is touched, for each input that the image needs and that was not given.
  imprint_prompt_fn on_prompt;
};

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The version of the library, as in `0.1.0`. Static; any thread.
const char *imprint_version(void);

// Makes a token. Any thread.
struct imprint_cancel *imprint_cancel_new(void);

// Stops each unit that was given the token: the next transfer is refused, and the report says `cancelled`. Any thread, also
// in a callback; not in a signal handler. Returns at once. Null is allowed.
void imprint_cancel_now(const struct imprint_cancel *cancel);

// Whether it was cancelled: 1 or 0. Any thread. Null was not.
int32_t imprint_cancel_is_cancelled(const struct imprint_cancel *cancel);

// Frees a token. No thread may be using it; a unit that was given it goes on. Null is allowed.
void imprint_cancel_free(struct imprint_cancel *cancel);

// Makes an engine. Plugins are listed; none is loaded before an image needs it. Any thread.
struct imprint_engine *imprint_engine_new(const struct imprint_engine_options *options,
                                          struct imprint_failure **failure);

// Frees an engine. No thread may be using it. Null is allowed.
void imprint_engine_free(struct imprint_engine *engine);

// The stable code, as in `IMP-2110`; `imprint explain CODE` and docs/errors.md say more. Null of null.
const char *imprint_failure_code(const struct imprint_failure *failure);

// What happened: one sentence in lower case. Null of null.
const char *imprint_failure_message(const struct imprint_failure *failure);

// What to do next. Null where nothing is known.
const char *imprint_failure_help(const struct imprint_failure *failure);

// All of it as a JSON object: also the address, what was expected and found, and the place in the script. Null of null.
const char *imprint_failure_json(const struct imprint_failure *failure);

// Frees a failure that a call has told; not the one of a report, which goes with it. Null is allowed.
void imprint_failure_free(struct imprint_failure *failure);

// Opens an image that is signed by those who are trusted. Grants in `PATH.grants` count. Any thread.
struct imprint_image *imprint_image_open(const char *path,
                                         const struct imprint_image_options *options,
                                         struct imprint_failure **failure);

// Checks every bit of an image; returns 1 if all is well, else 0 and a failure. Any thread, several at once.
int32_t imprint_image_verify(const struct imprint_image *image,
                             struct imprint_failure **failure);

// What the image is called: SHA-256 over its header and manifest, in hexadecimal. Null of null.
const char *imprint_image_id(const struct imprint_image *image);

// Its name in its recipe. Null of null.
const char *imprint_image_name(const struct imprint_image *image);

// The part number of its device. Null of null.
const char *imprint_image_device(const struct imprint_image *image);

// All that its signers vouch for, as a JSON object: also who signed, and its rights. Null of null.
const char *imprint_image_json(const struct imprint_image *image);

// Frees an image. No thread may be using it. Null is allowed.
void imprint_image_free(struct imprint_image *image);

// The devices that are described in the engine's folders. A name is a part number, for `twin:NAME`; about it is its family.
// Any thread.
struct imprint_list *imprint_list_devices(const struct imprint_engine *engine,
                                          struct imprint_failure **failure);

// The probes that are plugged in; none is opened. A name is what `on` takes, as in `probe:0123ABCD`; about it are its maker's
// name and whether it is free. Any thread.
struct imprint_list *imprint_list_probes(struct imprint_failure **failure);

// How many there are. 0 of null.
size_t imprint_list_count(const struct imprint_list *list);

// The name of one, counted from 0. It lives as long as the list. Null past the end.
const char *imprint_list_name(const struct imprint_list *list, size_t index);

// What one is, counted from 0. It lives as long as the list. Null past the end.
const char *imprint_list_about(const struct imprint_list *list, size_t index);

// Frees a list. Null is allowed.
void imprint_list_free(struct imprint_list *list);

// What is asked for: one of `IMPRINT_PROMPT_`; 0 of null.
uint32_t imprint_prompt_kind(const struct imprint_prompt *prompt);

// The name of the value; `barcode` and `station_name` for those. Null of null.
const char *imprint_prompt_name(const struct imprint_prompt *prompt);

// Answers: `text` is copied. The last answer counts; without one, the input stays missing and the image decides.
void imprint_prompt_answer(struct imprint_prompt *prompt,
                           const char *text);

// How the unit ended: one of `IMPRINT_OUTCOME_`; 0 of null.
uint32_t imprint_report_outcome(const struct imprint_report *report);

// The number of the unit among all that were permitted, from 0; -1 where nobody counts, where it was not permitted, and of
// null.
int64_t imprint_report_ordinal(const struct imprint_report *report);

// The target's unique identifier in hexadecimal. Null where it was not read.
const char *imprint_report_uid(const struct imprint_report *report);

// What failed; it goes with the report and is not freed. Null after a pass, and of null.
const struct imprint_failure *imprint_report_failure(const struct imprint_report *report);

// All of it as a JSON object: steps with their times, records, changes, log. As `imprint run --json` prints it. Null of null.
const char *imprint_report_json(const struct imprint_report *report);

// Frees a report. Null is allowed.
void imprint_report_free(struct imprint_report *report);

// Runs one unit, in this process, and returns when it has ended: a report, whether it passed or not. Null and a failure
// where the unit did not begin: then nothing was touched and nothing is counted. Any thread; several at once with the
// same engine and image. All callbacks come on the thread that called, before this returns.
struct imprint_report *imprint_run(const struct imprint_engine *engine,
                                   const struct imprint_image *image,
                                   const struct imprint_run_options *options,
                                   struct imprint_failure **failure);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* IMPRINT_H */
