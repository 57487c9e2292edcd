/* Several units at once with one engine and one image; each is cancelled or not, as its number says:
 * threads IMAGE SIGNER PLUGINS AUTHOR STATE */
#include <imprint.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define COUNT 6

struct unit {
    pthread_t thread;
    pthread_t callbacks_on;
    const struct imprint_engine *engine;
    const struct imprint_image *image;
    struct imprint_cancel *cancel;
    int is_cancelled;
    struct imprint_report *report;
    struct imprint_failure *failure;
    unsigned long events;
};

/* From within a callback, on the thread that runs the unit; the token is cancelled by yet another thread. */
static void *cancel(void *token)
{
    imprint_cancel_now(token);
    return NULL;
}

static void on_progress(void *user, const struct imprint_progress *progress)
{
    struct unit *unit = user;
    unit->events++;
    unit->callbacks_on = pthread_self();
    if (unit->is_cancelled && !strcmp(progress->step, "program")) {
        pthread_t other;
        pthread_create(&other, NULL, cancel, unit->cancel);
        pthread_join(other, NULL);
    }
}

static void *run(void *argument)
{
    struct unit *unit = argument;
    struct imprint_run_options options = { .struct_size = sizeof options, .on = "twin:nRF52832_xxAA", .cancel = unit->cancel,
                                           .values = (const char *[]){ "lot=L7", NULL }, .user = unit,
                                           .on_progress = on_progress };
    unit->report = imprint_run(unit->engine, unit->image, &options, &unit->failure);
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc != 6) return 2;
    struct imprint_failure *failure = NULL;
    struct imprint_image_options signed_by = { .struct_size = sizeof signed_by, .trust = (const char *[]){ argv[2], NULL } };
    struct imprint_engine_options with = { .struct_size = sizeof with, .plugins = (const char *[]){ argv[3], NULL },
                                           .trust = (const char *[]){ argv[4], NULL }, .state = argv[5] };
    struct imprint_image *image = imprint_image_open(argv[1], &signed_by, &failure);
    struct imprint_engine *engine = imprint_engine_new(&with, &failure);
    if (failure) {
        printf("%s\n", imprint_failure_json(failure));
        return 1;
    }
    struct unit units[COUNT] = { 0 };
    for (int i = 0; i < COUNT; i++) {
        units[i].engine = engine;
        units[i].image = image;
        units[i].cancel = imprint_cancel_new();
        units[i].is_cancelled = i % 2;
        pthread_create(&units[i].thread, NULL, run, &units[i]);
    }
    int errors = 0;
    unsigned long long ordinals = 0;
    for (int i = 0; i < COUNT; i++) {
        struct unit *unit = &units[i];
        pthread_join(unit->thread, NULL);
        unsigned expected = unit->is_cancelled ? IMPRINT_OUTCOME_CANCELLED : IMPRINT_OUTCOME_PASS;
        int is_right = !unit->failure && imprint_report_outcome(unit->report) == expected && unit->events > 3
            && pthread_equal(unit->callbacks_on, unit->thread);
        if (!is_right) {
            printf("unit %d: %s\n", i, unit->report ? imprint_report_json(unit->report) : imprint_failure_json(unit->failure));
            errors++;
        }
        /* Each has an ordinal of its own. */
        if (imprint_report_ordinal(unit->report) >= 0) ordinals |= 1ull << imprint_report_ordinal(unit->report);
        imprint_report_free(unit->report);
        imprint_failure_free(unit->failure);
        imprint_cancel_free(unit->cancel);
    }
    if (ordinals != (1ull << COUNT) - 1) {
        printf("ordinals %llx\n", ordinals);
        errors++;
    }
    imprint_engine_free(engine);
    imprint_image_free(image);
    printf("%d errors\n", errors);
    return errors != 0;
}
