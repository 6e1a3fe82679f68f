#!/usr/bin/perl
# assay log and assay why: every kind of log, the journal, and hostile text.
use strict;
use warnings;
use Test::More;
use JSON::PP;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Golden qw(assay golden data slurp spew scratch);

$ENV{TZ} = 'UTC';
my @at = qw(--config assay.conf --now 1795255200);
my $dir = scratch();
my $log = slurp(data('mail.log'));

like golden('log', 0, 'log', @at, 'mail.log'), qr/^assay log: 1 line of assayd can't be read$/,
    'a line that is cut is told';
golden('log-json', 0, 'log', '--json', @at, 'mail.log');
golden('why-rejected', 0, 'why', @at, '4A2', 'mail.log');
golden('why-shadow', 0, 'why', @at, '5AK900001234567', 'mail.log');
golden('why-tempfailed', 0, 'why', @at, '4A6', 'mail.log');
golden('why-signed', 0, 'why', @at, '4A4', 'mail.log');
{
    # What an entry does not tell, the story does not stumble over.
    my $bare = spew(scratch() . '/bare', join '', map { "Nov 20 10:00:00 mx assayd[77]: $_ action=accept\n" }
        'B1: verdict direction=outbound from=a.example mfrom=x@a.example client=192.0.2.1 signed=no',
        'B2: verdict direction=outbound mfrom=x@a.example', 'B3: verdict direction=inbound');
    my @story = map { (assay('why', @at, $_, $bare))[1] } qw(B1 B2 B3);
    like $story[0], qr/^It was handed in from 192\.0\.2\.1\.$/m, 'why: handed in without login';
    unlike join("", @story), qr{^[^\w\n]| \.$}m, '... nor does what is missing leave anything behind';
}
golden('why-unsigned', 0, 'why', @at, '4A5', 'mail.log');
golden('why-json', 0, 'why', '--json', @at, '<1@example.com>', 'mail.log');

sub counted {
    my ($status, $out, $err) = assay('log', '--json', @at, @_);
    my $all = eval { decode_json($out) } or diag $out, $err;
    return wantarray ? ($all, $status, $err) : $all;
}

# --- where it is read from -----------------------------------------------------------

my $all = counted('mail.log');
is_deeply [@$all{qw(inbound outbound rejected tempfailed)}], [4, 2, 1, 1], 'all verdicts, and no others';
is_deeply [map { "$_->{domain} $_->{client}" } @{ $all->{own_failing} }], ['our.example 203.0.113.9'],
    'what fails of a domain that we sign';
is_deeply [map { $_->{domain} } @{ (counted('mail.log', '--own', 'example'))[0]{own_failing} }],
    ['bank.example', 'our.example'], '--own: and all below it';
is_deeply scalar counted('mail.log', '--own', 'EXAMPLE.'), scalar counted('mail.log', '--own', 'example'), '... however it is written';
for ('not a domain', 'a..b', '', "\e[31m", 'x' x 300) {
    my ($s, $o, $e) = assay('log', @at, '--own', $_, 'mail.log');
    is $s, 2, '--own: no domain is wrong usage';
    is $o, '', '... nothing is counted';
    like $e, qr/^assay log: "[\x20-\x7e]*" is no domain name\n\z/, '... and it is named';
}
is_deeply scalar counted(\$log, '-'), $all, 'standard input';
spew("$dir/crlf", $log =~ s/\n/\r\n/gr);
is_deeply scalar counted("$dir/crlf"), $all, 'line ends of another system';
require IO::Compress::Gzip;
IO::Compress::Gzip::gzip(\$log, "$dir/mail.log.2.gz") or die;
is_deeply scalar counted("$dir/mail.log.2.gz"), $all, 'compressed';
is_deeply scalar counted(\slurp("$dir/mail.log.2.gz"), '-'), $all, '... on standard input, too';
is +(counted("$dir/mail.log.2.gz", 'mail.log'))[0]{inbound}, 8, 'several files';
spew("$dir/cut.gz", substr slurp("$dir/mail.log.2.gz"), 0, 400);
my (undef, $status, $err) = counted("$dir/cut.gz");
is $status, 3, 'a compressed file that is cut: no answer';
like $err, qr/cut\.gz: /, '... and it says which';
spew("$dir/xz", "\xfd7zXZ\0");
(undef, $status, $err) = counted("$dir/xz");
is $status, 3, 'packed otherwise';
like $err, qr/xzcat/, '... and it says what to do';

sub journald {
    my $n = 0;
    return join '', map { encode_json({ SYSLOG_IDENTIFIER => /\] ?assayd|mx assayd/ ? 'assayd' : 'x',
        __REALTIME_TIMESTAMP => (1795168800 + $n++) . '000000', MESSAGE => s/^.*?assayd(?:\[77\]:| 77 - -) //r }) . "\n" }
        split /\n/, $log;
}
spew("$dir/journalctl", "#!/bin/sh\necho \"\$@\" > $dir/arguments\ncat $dir/journald\n");
chmod 0755, "$dir/journalctl";
spew("$dir/journald", journald());
{
    local $ENV{PATH} = "$dir:$ENV{PATH}";
    is +(counted('--journald', '--since', '2026-11-20Z'))[0]{inbound}, 4, 'journald';
    is slurp("$dir/arguments"), "-o json --no-pager -q -t assayd --since=\@1795132800 --until=\@1795341600\n",
        '... is asked for what is wanted';
    spew("$dir/journalctl", "#!/bin/sh\nexit 1\n");
    is +(counted('--journald'))[1], 3, '... and fails: no answer';
}

# --- a journal -----------------------------------------------------------------------

require Compress::Zlib;
mkdir "$dir/journal";
my $records = '';
for (grep { /verdict dir/ && /action=/ && !/cleanup/ } split /\n/, $log) {
    my ($qid, $pairs) = /(\w+): verdict (.*)/;
    my $text = "time=1795168800 qid=$qid $pairs" . ' sig="result=pass d=a.example s=x" sig="result=fail d=b.example s=\"\\\\x1b\""';
    $records .= sprintf "\x1eA1 %d %08x %s\n", length $text, Compress::Zlib::crc32($text), $text;
}
spew("$dir/journal/0000000001.journal", $records);
spew("$dir/journal.conf", "journal_dir = $dir/journal\n");
is +(counted("$dir/journal"))[0]{outbound}, 2, 'a journal';
is +(counted("$dir/journal/0000000001.journal"))[0]{inbound}, 3, 'one file of it';
is +(counted('--config', "$dir/journal.conf"))[0]{inbound}, 3, 'the journal is what is read when nothing is said';
is +(counted('--config', "$dir/journal.conf", '--journal', 'mail.log'))[0]{inbound}, 7, '--journal, and a file';
spew("$dir/journal/0000000002.journal", substr $records, 0, 700);
(my $with, $status, $err) = counted("$dir/journal");
is $with->{inbound}, 4, 'a record that is cut is none';
like $err, qr/^assay log: \d+ octets of the journal are damaged or cut/m, '... and it says so';
my ($s, $out) = assay('why', '--config', "$dir/journal.conf", '4A2');
like $out, qr/^- signature of b\.example, selector \\x1b: fail$/m, 'why: every signature, nothing raw';

# --- time -----------------------------------------------------------------------------

is +(counted('mail.log', '--since', '2026-11-20T09:00'))[0]{inbound}, 2, '--since';
is +(counted('mail.log', '--until', '2026-11-20T09:00Z'))[0]{inbound}, 2, '--until';
is +(counted('mail.log', '--since', '25h'))[0]{inbound}, 2, '--since, so long ago';
is +(counted('mail.log', '--since', 'tuesday'))[1], 3, 'no time: no answer';
is +(counted('mail.log', '--since', '2027-01-01'))[1], 1, 'nothing found: status 1';
is +(assay('why', @at, 'NONE', 'mail.log'))[0], 1, 'why: nothing found: status 1';
is +(assay('why', @at))[0], 2, 'why: no id: wrong usage';
is +(assay('log', @at, 'nowhere'))[0], 3, 'no such file: no answer';

# --- the page --------------------------------------------------------------------------

($s, my $page) = assay('log', @at, '--html', '-', 'mail.log');
is $s, 0, 'a page';
like $page, qr/<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-(.{44})'/,
    '... that may fetch and run nothing';
require Digest::SHA;
my ($style) = $page =~ m{<style>(.*)</style>}s;
my ($hash) = $page =~ /'sha256-([^']*)'/;
is Digest::SHA::sha256_base64($style) . '=', $hash, '... and has the one style that is let in';
unlike $page, qr{<script|\bon\w+=|https?://|url\(|\@import|style=}, '... and names no other place';
assay('log', @at, '--html', "$dir/page.html", 'mail.log');
is slurp("$dir/page.html"), $page, '--html FILE';
is +(assay('log', @at, '--html', '-', '--json', 'mail.log'))[0], 3, 'not both page and JSON';

# --- hostile ----------------------------------------------------------------------------

my @evil = ("\e]0;owned\a", "\e[31m", "\x9b2J", '<script>alert(1)</script>', '"><img src=x>', "' onload='x",
    "\xff\xfe", "\0", '{from}', '[', '%s%n');
sub escaped { return $_[0] =~ s/([^\x20-\x7e])/sprintf '\\x%02x', ord $1/ger =~ s/"/\\"/gr }
my $hostile = '';
for my $e (@evil) {
    my $v = '"' . escaped($e) . '"';
    $hostile .= "Nov 20 10:00:00 mx assayd[1]: E1: verdict direction=inbound from=$v mfrom=$v client=$v name=$v helo=$v "
        . "iprev=$v spf=$v spf_d=$v spf_term=$v dkim=$v dkim_d=$v dkim_s=$v dkim_why=$v dmarc=fail dmarc_why=$v "
        . "action=$v rule=$v would=$v exception=$v override=$v mid=$v reply=$v\n"
        . "Nov 20 10:00:00 mx assayd[1]: E1: verdict direction=outbound from=$v signed=$v why=$v user=$v action=accept\n"
        . "Nov 20 10:00:00 mx assayd[1]: E1: verdict direction=inbound from=x$e why=$e action=accept\n$e\n";
}
for my $form ([], ['--json'], ['--html', '-'], ['--color', 'always'], ['-n', '0']) {
    my ($st, $o, $e) = assay('log', @at, @$form, \$hostile, '-');
    is $st, 0, "hostile: log @$form";
    (my $ours = $o) =~ s/\e\[(?:0|1|31|32|33)m//g if "@$form" =~ /always/;
    unlike $ours // $o, qr/[^\n\x20-\x7e]/, '... no octet steers a terminal';
    unlike $e, qr/[^\n\x20-\x7e]/, '... nor of what it complains about';
    unlike $o, qr/<script|<img|onload='/, '... no markup of theirs' if "@$form" =~ /html/;
}
for my $form ([], ['--json'], ['--color', 'always']) {
    my ($st, $o, $e) = assay('why', @at, @$form, 'E1', \$hostile, '-');
    is $st, 0, "hostile: why @$form";
    $o =~ s/\e\[(?:0|1|31|32|33)m//g if "@$form" =~ /always/;
    unlike $o . $e, qr/[^\n\x20-\x7e]/, '... no octet steers a terminal';
}
for my $text ('', "\n", "\0" x 200000, 'x' x 700000 . "\n$log", "\x1f\x8b", '{' x 5000, "\x1eA1 1 ") {
    my ($st, $o, $e) = assay('log', @at, \$text, '-');
    like $st, qr/^[013]$/, 'odd input has an end' or diag $e;
}

# What has no end.
for my $device ('/dev/zero', '/dev/urandom') {
    my ($st, $o, $e) = assay('log', @at, $device);
    is $st, 3, "$device: no answer";
    is $e, "assay log: $device: is a device, and has no end within 16 MB\n", '... and why';
}
is +(assay('log', @at, '/dev/null'))[1], (assay('log', @at, \'', '-'))[1], '/dev/null is an empty log';
{
    my $zeros = '0' x (18 << 20);
    my ($st, $o, $e) = assay('log', @at, \"$log$zeros", '-');
    is $st, 3, 'a line without end: no answer';
    like $e, qr/^assay log: standard input: is no log: a line of more than 16 MB\n\z/m, '... and why';
    is +(assay('log', @at, \(substr($zeros, 0, 15 << 20) . "\n$log"), '-'))[0], 0, 'a long one is passed over';
}

# --- words ---------------------------------------------------------------------------------

my $words = slurp(($ENV{top_srcdir} // '.') . '/milter/tools/why_words.c');
my $rules = slurp(($ENV{top_srcdir} // '.') . '/milter/policy/decide.c');
like $words, qr/^\{"$_", "/m, "rule $_ has words" for $rules =~ /^\{"(\w+)", when_/mg;
done_testing;
