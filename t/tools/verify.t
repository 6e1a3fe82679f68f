#!/usr/bin/perl
# assay verify: the verdict on stored messages, and what it was made from.
use strict;
use warnings;
use Test::More;
use JSON::PP;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Golden qw(assay golden data slurp spew scratch);

my @at = qw(--config assay.conf --now 1795255200 --zone example.zone);
my $signed = slurp(data('signed.eml'));

sub report {
    my ($status, $out, $err) = assay('verify', '--json', @at, @_);
    my $all = eval { decode_json($out) } or diag $out, $err;
    return ($status, @{ $all->{messages} // [] });
}

golden('verify-pass', 0, 'verify', @at, 'signed.eml');
golden('verify-explain', 0, 'verify', '-e', @at, 'footer.eml');
golden('verify-json', 0, 'verify', '-e', '--json', @at, 'signed.eml');

# --- what was done to it ---------------------------------------------------------

my @changes = (
    ['a footer', sub { $_[0] . "-- \nlist\n" }, qr/^a footer was added: 2 lines/],
    ['a banner', sub { $_[0] =~ s/\n\n/\n\nFROM OUTSIDE\n\n/r }, qr/^2 lines were put above/],
    ['a subject', sub { $_[0] =~ s/^Subject: /Subject: [minutes] /mr },
        qr/^the Subject was changed: "\[minutes\]"/],
    ['a field', sub { $_[0] =~ s/^(Subject:.*)/$1\nReply-To: list\@example.org/mr },
        qr/^a field Reply-To was added/],
    ['a word', sub { $_[0] =~ s/Hello/Hallo/r }, qr/^the body was changed: none/],
    ['a date', sub { $_[0] =~ s/^Date: Sat/Date: Sun/mr }, qr/^the body is as it was signed/],
);
for (@changes) {
    my ($what, $how, $cause) = @$_;
    my ($status, $m) = report('-e', \$how->($signed));
    is $m->{dkim}[0]{result}, 'fail', "$what: fails";
    like $m->{dkim}[0]{cause}, $cause, "$what: and it says why";
    is $m->{dmarc}{result}, 'pass', "$what: SPF is left";
}

# --- what else may have been done: signed here, then changed ---------------------------

my $made = scratch();
system("openssl genrsa -out $made/k.pem 1024 2>/dev/null") == 0 or die 'openssl';
my $p = join '', grep { !/^-/ } split /\n/, `openssl pkey -in $made/k.pem -pubout`;
spew("$made/zone", slurp(data('example.zone')) . "own._domainkey.example.com TXT \"v=DKIM1; p=$p\"\n");

sub base64_of {
    my ($octets, @command) = @_;
    return join '', split /\s/, `@command < @{[spew("$made/in", $octets)]} | openssl base64`;
}

# A message signed over these octets of the body, c=simple/simple.
sub sign {
    my ($header, $body) = @_;
    my $bh = base64_of($body, 'openssl dgst -sha256 -binary');
    my @names = $header =~ /^([\w-]+):/mg;
    my $field = 'DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=example.com; s=own; h='
        . join(':', @names) . "; bh=$bh; b=";
    my $octets = $header =~ s/\n/\r\n/gr;
    my $b = base64_of("$octets$field", "openssl dgst -sha256 -sign $made/k.pem");
    return "$field$b\n$header\n";
}
my $header = "From: a\@example.com\nSubject: a long one, which is on one line here\n";
my $body = "From here\r\nto there\r\n";
my $lf = $body =~ s/\r//gr;
my @made = (
    ['nothing', sub { sign($header, $body) . $lf }, undef],
    ['LF for CRLF', sub { sign($header, $lf) . $lf }, qr/^the line ends: .*LF alone/],
    ['CR CR LF', sub { sign($header, $body) . ($body =~ s/\r/\r\r/gr) }, qr/^the line ends: a CR was put/],
    ['From quoted', sub { sign($header, $body) . ">$lf" }, qr/^a mail store wrote ">From "/],
    ['emptied', sub { sign($header, "\r\n") . $lf }, qr/^the body was empty/],
    ['a field folded', sub { sign($header, $body) =~ s/one, which/one,\n which/r . $lf },
        qr/^the field Subject was folded anew/],
    ['From rewritten', sub { sign($header, $body) =~ s/^From: (.*)/From: list\@example.com\nX-Original-From: $1/mr . $lf },
        qr/^the field From was changed: the signature holds with what X-Original-From has/],
    ['a field changed', sub { sign($header, $body) =~ s/a long one/another/r . $lf }, qr/^the body is as it was signed/],
    ['another key', sub { sign($header, $body) =~ s/; b=.{4}/; b=AAAA/r . $lf }, qr/^the body is as it was signed/],
);
for (@made) {
    my ($what, $message, $cause) = @$_;
    my (undef, $m) = report('-e', '--zone', "$made/zone", '--ip', '192.0.2.25', \$message->());
    is $m->{dkim}[0]{result}, $cause ? 'fail' : 'pass', "$what: " . ($cause ? 'fails' : 'passes') or diag $m->{dkim}[0]{why};
    $cause ? like $m->{dkim}[0]{cause}, $cause, '... and it says why' : is $m->{dkim}[0]{cause}, undef, '... without a cause';
}

# --- where the envelope comes from ---------------------------------------------------

my ($status, $m) = report(\$signed, '--ip', '198.51.100.1');
is_deeply [$m->{spf}{result}, $m->{dkim}[0]{result}], [qw(fail pass)], '--ip is believed';
($status, $m) = report('--ip', '198.51.100.1', \($signed =~ s/Hello/Hallo/r));
is $status, 1, 'what would not be accepted is exit status 1';
is $m->{decision}{rule}, 'spf_fail_no_dkim', '... by the rule that decides';
($status, $m) = report('--from', '<>', '--helo', 'example.com', \$signed);
is $m->{spf}{domain}, 'example.com', 'the null sender is judged by HELO';
($status, $m) = report(\("Received: from x (y [10.0.0.1]) by z; now\n" .
    "Received: from localhost (localhost [127.0.0.1]) by z; now\n$signed"),
    '--config', 'inside.conf');
is $m->{envelope}{client}, '192.0.2.25', 'hops of our own networks are passed over';
is $m->{envelope}{client_from}, 'Received field 3', '... and it says so';
($status, $m) = report(\("Received: from a (b [IPv6:2001:db8::7]) by z; now\n$signed"));
is $m->{envelope}{client}, '2001:db8::7', 'an IPv6 client';
($status, $m) = report(\"From: a\@example.com\n\nx\n");
is $m->{spf}{result}, 'none', 'no client is known: SPF says nothing';

# --- mboxes, Maildirs, line ends --------------------------------------------------------

my $dir = scratch();
my $box = "From a Sat Nov 21\n$signed\nFrom b Sat Nov 21\n" . ($signed =~ s/Hello/>From Hello/r) . "\n";
spew("$dir/mbox", $box);
($status, my @all) = report("$dir/mbox");
is_deeply [map { $_->{dkim}[0]{result} } @all], [qw(pass fail)], 'an mbox has two';
is_deeply [map { $_->{number} } @all], [1, 2], '... and they are counted';
mkdir "$dir/$_" for 'md', 'md/cur', 'md/new';
spew("$dir/md/cur/1", $signed);
spew("$dir/md/new/2", $signed =~ s/\n/\r\n/gr);
($status, @all) = report("$dir/md");
is_deeply [map { $_->{dkim}[0]{result} } @all], [qw(pass pass)], 'a Maildir, LF and CRLF';
{
    my $none = scratch();
    for my $sub (qw(cur new)) {
        my ($s, $out, $err) = assay('verify', @at, $none);
        is $s, 3, "a directory without $sub: no answer";
        is $err, "assay verify: $none: is a directory, and no Maildir: there is no $sub in it\n", '... and why';
        mkdir "$none/$sub";
    }
    is +(assay('verify', @at, $none))[0], 0, 'a Maildir with nothing in it';
}

# --- DNS kept and given back ---------------------------------------------------------------

assay('verify', @at, '--record', "$dir/tape", 'footer.eml');
my (undef, $live) = assay('verify', '-e', @at, 'footer.eml');
my (undef, $again) = assay('verify', '-e', @at, '--replay', "$dir/tape", 'footer.eml');
is $again, $live, '--replay of --record is the same to the octet';
for ('_dmarc.example.com', 'example.com') {
    my $zone = slurp(data('example.zone'));
    spew("$dir/zone", $zone =~ s/^\Q$_\E TXT.*/$_ TIMEOUT/mr);
    assay('verify', @at, '--zone', "$dir/zone", '--record', "$dir/tape", 'footer.eml');
    (undef, $live) = assay('verify', @at, '--zone', "$dir/zone", 'footer.eml');
    (undef, $again) = assay('verify', @at, '--zone', "$dir/tape", 'footer.eml');
    is $again, $live, "a timeout of $_ is kept, too";
    like $live, qr/temperror/, '... and is a temperror';
}

# --- hostile -----------------------------------------------------------------------------------

my $esc = "\e]0;owned\a\e[31m\x9b2J\xff";
my $hostile = "Return-Path: <a$esc\@x.example>\n"
    . "Received: from $esc ($esc [192.0.2.1]) by x; now\nDKIM-Signature: v=1; a=rsa-sha256; d=$esc;"
    . " s=${esc}x; h=from; bh=$esc; b=${esc}\nSubject: [$esc] x\nFrom: $esc <a$esc\@x.example>\n\n$esc\n";
spew("$dir/hostile-zone", join '', map { "$_ TXT \"" . ('\\027]0;x\\007\\155') . "\"\n" }
    qw(x.example _dmarc.x.example));
for my $form ([], ['--json'], ['-e'], ['--color', 'always']) {
    my ($s, $out, $err) = assay('verify', @$form, @at, '--zone', "$dir/hostile-zone", \$hostile);
    (my $ours = $out) =~ s/\e\[(?:0|1|31|32|33)m//g;
    $ours = $out unless grep { $_ eq 'always' } @$form;
    unlike $ours . $err, qr/[^\n\x20-\x7e]/, "no octet steers a terminal (@$form)";
    like $s, qr/^[01]$/, '... and there is a verdict';
}
my ($s, $out, $err) = assay('verify', "no\e[31mfile");
is $s, 3, 'a file that is not there: no answer';
unlike $err, qr/[^\n\x20-\x7e]/, '... and its name steers no terminal';
for my $text ('', "\n", "\0" x 2000, "From: a\@b.c", 'From ', "From x\n", "From x\n\nFrom y\n", ":\n:\n\n\r\r\n") {
    ($s, $out, $err) = assay('verify', '-e', @at, \$text);
    like $s, qr/^[01]$/, 'odd input has a verdict' or diag $err;
}
done_testing;
