/* Every wrong use that can be told is told, and does no harm: misuse IMAGE SIGNER PLUGINS AUTHOR STRANGER */
#include <imprint.h>
#include <stdio.h>
#include <string.h>

static int errors;

/* A failure of this code is expected; it is freed. */
static void expect(int line, struct imprint_failure **failure, const char *code)
{
    const char *found = *failure ? imprint_failure_code(*failure) : "nothing";
    if (strcmp(found, code) != 0) {
        printf("line %d: expected %s, found %s: %s\n", line, code, found,
               *failure ? imprint_failure_message(*failure) : "");
        errors++;
    }
    if (*failure && (!strlen(imprint_failure_message(*failure)) || !strstr(imprint_failure_json(*failure), code))) errors++;
    imprint_failure_free(*failure);
    *failure = NULL;
}
#define EXPECT(code) expect(__LINE__, &failure, code)
#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            printf("line %d: not so: %s\n", __LINE__, #condition); \
            errors++; \
        } \
    } while (0)

static void not_utf8(void *user, struct imprint_prompt *prompt)
{
    (void)user;
    imprint_prompt_answer(prompt, "\xff");
}

static void nulls(void)
{
    struct imprint_failure *failure = NULL;
    CHECK(!imprint_failure_code(NULL) && !imprint_failure_message(NULL) && !imprint_failure_help(NULL));
    CHECK(!imprint_failure_json(NULL) && !imprint_report_json(NULL) && !imprint_report_failure(NULL));
    CHECK(!imprint_report_outcome(NULL) && imprint_report_ordinal(NULL) == -1 && !imprint_report_uid(NULL));
    CHECK(!imprint_image_id(NULL) && !imprint_image_name(NULL) && !imprint_image_device(NULL));
    CHECK(!imprint_list_count(NULL) && !imprint_list_name(NULL, 0) && !imprint_list_about(NULL, 0));
    CHECK(!imprint_prompt_kind(NULL) && !imprint_prompt_name(NULL) && !imprint_cancel_is_cancelled(NULL));
    imprint_prompt_answer(NULL, "x");
    imprint_cancel_now(NULL);
    imprint_failure_free(NULL);
    imprint_report_free(NULL);
    imprint_image_free(NULL);
    imprint_engine_free(NULL);
    imprint_cancel_free(NULL);
    imprint_list_free(NULL);
    CHECK(!imprint_image_verify(NULL, &failure));
    EXPECT("IMP-9030");
    CHECK(!imprint_list_devices(NULL, &failure));
    EXPECT("IMP-9030");
    CHECK(!imprint_engine_new(NULL, NULL));
}

static void sizes(void)
{
    struct imprint_failure *failure = NULL;
    struct imprint_engine_options options = { 0 };
    CHECK(!imprint_engine_new(&options, &failure));
    EXPECT("IMP-9030");
    options.struct_size = (size_t)-1;
    CHECK(!imprint_engine_new(&options, &failure));
    EXPECT("IMP-9030");
    /* A caller of an older header: what it did not know counts as null. */
    options.struct_size = offsetof(struct imprint_engine_options, trust);
    options.station_name = "\xff";
    struct imprint_engine *engine = imprint_engine_new(&options, &failure);
    CHECK(engine && !failure);
    imprint_engine_free(engine);
    /* A caller of a newer one: what is not known here must not be used. */
    struct {
        struct imprint_engine_options known;
        const char *unknown;
    } newer = { .known = { .struct_size = sizeof newer } };
    engine = imprint_engine_new(&newer.known, &failure);
    CHECK(engine && !failure);
    imprint_engine_free(engine);
    newer.unknown = "x";
    CHECK(!imprint_engine_new(&newer.known, &failure));
    EXPECT("IMP-9030");
}

int main(int argc, char **argv)
{
    if (argc != 6) return 2;
    nulls();
    sizes();
    struct imprint_failure *failure = NULL;
    struct imprint_image_options signed_by = { .struct_size = sizeof signed_by, .trust = (const char *[]){ argv[2], NULL } };
    struct imprint_image_options stranger = { .struct_size = sizeof stranger, .trust = (const char *[]){ argv[5], NULL } };
    struct imprint_engine_options with = { .struct_size = sizeof with, .plugins = (const char *[]){ argv[3], NULL },
                                           .trust = (const char *[]){ argv[4], NULL } };

    CHECK(!imprint_image_open(NULL, &signed_by, &failure));
    EXPECT("IMP-9030");
    CHECK(!imprint_image_open("\xff", &signed_by, &failure));
    EXPECT("IMP-9030");
    CHECK(!imprint_image_open("nowhere.sap", &signed_by, &failure));
    EXPECT("IMP-9031");
    CHECK(!imprint_image_open(argv[2], &signed_by, &failure));
    EXPECT("IMP-2100");
    CHECK(!imprint_image_open(argv[1], &stranger, &failure));
    /* The first failure is the one that is kept, and nothing is done after it. */
    struct imprint_failure *first = failure;
    CHECK(first && !imprint_image_open(argv[1], &signed_by, &failure) && failure == first);
    EXPECT("IMP-2106");

    struct imprint_image *image = imprint_image_open(argv[1], &signed_by, &failure);
    struct imprint_engine *engine = imprint_engine_new(&with, &failure);
    CHECK(image && engine && imprint_image_verify(image, &failure));
    CHECK(strlen(imprint_image_id(image)) == 64 && strstr(imprint_image_json(image), "nRF52832_xxAA"));

    struct imprint_run_options options = { .struct_size = sizeof options };
    CHECK(!imprint_run(engine, image, &options, &failure));
    EXPECT("IMP-9030");
    options.on = "the bench";
    CHECK(!imprint_run(engine, image, &options, &failure));
    EXPECT("IMP-9030");
    options.on = "twin:nRF51822_xxAA";
    CHECK(!imprint_run(engine, image, &options, &failure));
    EXPECT("IMP-6003");
    options.on = "twin:./nowhere.twin";
    CHECK(!imprint_run(engine, image, &options, &failure));
    EXPECT("IMP-7101");
    options.on = "twin:nRF52832_xxAA";
    CHECK(!imprint_run(NULL, image, &options, &failure));
    EXPECT("IMP-9030");
    CHECK(!imprint_run(engine, NULL, &options, &failure));
    EXPECT("IMP-9030");
    CHECK(!imprint_run(engine, image, NULL, &failure));
    EXPECT("IMP-9030");
    options.values = (const char *[]){ "lot", NULL };
    CHECK(!imprint_run(engine, image, &options, &failure));
    EXPECT("IMP-9030");
    options.values = NULL;
    options.on_prompt = not_utf8;
    CHECK(!imprint_run(engine, image, &options, &failure));
    EXPECT("IMP-9030");
    options.on_prompt = NULL;

    /* The value is missing: the report says so. */
    struct imprint_report *report = imprint_run(engine, image, &options, &failure);
    CHECK(!failure && imprint_report_outcome(report) == IMPRINT_OUTCOME_FAIL);
    CHECK(!strcmp(imprint_failure_code(imprint_report_failure(report)), "IMP-8182"));
    CHECK(imprint_failure_help(imprint_report_failure(report)));
    imprint_report_free(report);

    /* Cancelled before it begins. */
    struct imprint_cancel *cancel = imprint_cancel_new();
    CHECK(!imprint_cancel_is_cancelled(cancel));
    imprint_cancel_now(cancel);
    imprint_cancel_now(cancel);
    CHECK(imprint_cancel_is_cancelled(cancel));
    options.cancel = cancel;
    options.values = (const char *[]){ "lot=L7", NULL };
    report = imprint_run(engine, image, &options, &failure);
    CHECK(imprint_report_outcome(report) == IMPRINT_OUTCOME_CANCELLED);
    CHECK(!strcmp(imprint_failure_code(imprint_report_failure(report)), "IMP-8001"));
    imprint_report_free(report);
    imprint_cancel_free(cancel);

    imprint_engine_free(engine);
    imprint_image_free(image);
    CHECK(!failure);
    printf("%d errors\n", errors);
    return errors != 0;
}
