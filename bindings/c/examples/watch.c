/* Progress, records, a question, and cancelling from another thread:
 * watch IMAGE.sap SIGNER.pub PLUGINS AUTHOR.pub STATE [SECONDS]
 *
 * STATE is the folder of the station's books. After SECONDS, if given, the unit is cancelled. */
#define _POSIX_C_SOURCE 200809L
#include <imprint.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void on_progress(void *user, const struct imprint_progress *progress)
{
    (void)user;
    if (progress->kind == IMPRINT_STEP_FINISHED)
        printf("%-10s %-10s %s\n", progress->step, progress->detail, progress->ok ? "ok" : "failed");
}

static void on_record(void *user, const struct imprint_record *record)
{
    (void)user;
    printf("record     %s = %s\n", record->name, record->value);
}

static void on_prompt(void *user, struct imprint_prompt *prompt)
{
    printf("asked for  %s\n", imprint_prompt_name(prompt));
    imprint_prompt_answer(prompt, user); /* a real program asks its operator */
}

struct timer {
    struct imprint_cancel *cancel;
    double seconds;
};

static void *cancel_later(void *argument)
{
    struct timer *timer = argument;
    long whole = (long)timer->seconds;
    struct timespec time = { .tv_sec = whole, .tv_nsec = (long)((timer->seconds - (double)whole) * 1e9) };
    nanosleep(&time, NULL);
    imprint_cancel_now(timer->cancel); /* any thread */
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc < 6) return 2;
    struct imprint_failure *failure = NULL;
    struct imprint_image_options signed_by = { .struct_size = sizeof signed_by, .trust = (const char *[]){ argv[2], NULL } };
    struct imprint_engine_options with = { .struct_size = sizeof with, .plugins = (const char *[]){ argv[3], NULL },
                                           .trust = (const char *[]){ argv[4], NULL }, .state = argv[5],
                                           .station_name = "bench 3" };
    struct imprint_cancel *cancel = imprint_cancel_new();
    struct imprint_run_options options = { .struct_size = sizeof options, .on = "twin:nRF52832_xxAA", .cancel = cancel,
                                           .user = "L7", .on_progress = on_progress, .on_record = on_record,
                                           .on_prompt = on_prompt };

    struct imprint_image *image = imprint_image_open(argv[1], &signed_by, &failure);
    imprint_image_verify(image, &failure);
    struct imprint_engine *engine = imprint_engine_new(&with, &failure);

    struct timer timer = { cancel, argc > 6 ? atof(argv[6]) : 0 };
    pthread_t thread;
    if (argc > 6) pthread_create(&thread, NULL, cancel_later, &timer);
    struct imprint_report *report = imprint_run(engine, image, &options, &failure);
    if (argc > 6) pthread_join(thread, NULL);

    static const char *const words[] = { "NOT BEGUN", "PASS", "FAIL", "CANCELLED" };
    const struct imprint_failure *why = failure ? failure : imprint_report_failure(report);
    printf("%s  unit %lld\n", words[imprint_report_outcome(report)], (long long)imprint_report_ordinal(report));
    if (why) printf("%s: %s\n", imprint_failure_code(why), imprint_failure_message(why));
    if (imprint_failure_help(why)) printf("help: %s\n", imprint_failure_help(why));
    int exit = imprint_report_outcome(report) == IMPRINT_OUTCOME_PASS ? 0 : 1;

    imprint_report_free(report);
    imprint_engine_free(engine);
    imprint_image_free(image);
    imprint_cancel_free(cancel);
    imprint_failure_free(failure);
    return exit;
}
