/* Runs an image on a new virtual chip: run IMAGE.sap SIGNER.pub PLUGINS AUTHOR.pub */
#include <imprint.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc != 5) return 2;
    struct imprint_failure *failure = NULL;
    struct imprint_image_options signed_by = { .struct_size = sizeof signed_by, .trust = (const char *[]){ argv[2], NULL } };
    struct imprint_engine_options with = { .struct_size = sizeof with, .plugins = (const char *[]){ argv[3], NULL },
                                           .trust = (const char *[]){ argv[4], NULL } };
    struct imprint_run_options options = { .struct_size = sizeof options, .on = "twin:nRF52832_xxAA" };

    struct imprint_image *image = imprint_image_open(argv[1], &signed_by, &failure);
    struct imprint_engine *engine = imprint_engine_new(&with, &failure);
    struct imprint_report *report = imprint_run(engine, image, &options, &failure);

    int passed = imprint_report_outcome(report) == IMPRINT_OUTCOME_PASS;
    const struct imprint_failure *why = failure ? failure : imprint_report_failure(report);
    if (passed) printf("PASS  uid %s\n", imprint_report_uid(report));
    else printf("FAIL  %s: %s\n", imprint_failure_code(why), imprint_failure_message(why));

    imprint_report_free(report);
    imprint_engine_free(engine);
    imprint_image_free(image);
    imprint_failure_free(failure);
    return passed ? 0 : 1;
}
