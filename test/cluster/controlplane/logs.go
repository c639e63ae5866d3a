package main

import (
	"flag"
	"os"

	"k8s.io/klog/v2"
)

// logTo sends what all parts log to a file: standard error stays for what a person has to read.
func logTo(file string) (*os.File, error) {
	log, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	flags := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(flags)
	for name, value := range map[string]string{
		"logtostderr":     "false",
		"alsologtostderr": "false",
		"stderrthreshold": "FATAL",
		"one_output":      "true",
		"v":               "1",
	} {
		if err := flags.Set(name, value); err != nil {
			return nil, err
		}
	}
	klog.SetOutput(log)
	return log, nil
}

const tailBytes = 4_000

// tail is the end of the log, for the message of a start that failed: the file itself goes with its folder.
func tail(file string) string {
	klog.Flush()
	text, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-tailBytes):])
}
