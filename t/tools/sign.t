#!/usr/bin/perl
# assay sign: what it signs, assay verify passes.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Golden qw(assay data slurp spew scratch);

my $dir = scratch();
my ($user) = getpwuid $>;
mkdir "$dir/keys", 0700;
spew("$dir/conf", "user = $user\nkey_dir = \"$dir/keys\"\nrequire_published = no\n");
my ($status, $out, $err) = assay('keys', 'new', '-c', "$dir/conf", 'example.com', 'x');
is $status, 0, 'keys are made' or diag $err;
my $zone = join '', map { "$_\n" } map { s/^(\S+)\. IN TXT \( (.*) \)$/$1 TXT $2/r }
    grep { / IN TXT / } split /\n/, $out;
spew("$dir/zone", $zone);
my @at = ('--config', "$dir/conf", '--zone', "$dir/zone");

my $plain = "From: a\@example.com\nTo: b\@example.net\nSubject: x\nDate: Sat, 21 Nov 2026 10:00:00 +0000\n"
    . "Message-ID: <1\@example.com>\n\nHello\n";
($status, my $signed, $err) = assay('sign', @at, \$plain);
is $status, 0, 'it is signed' or diag $err;
is scalar(() = $signed =~ /^DKIM-Signature:/mg), 2, 'by both keys';
is $signed =~ s/^DKIM-Signature:.*\n(?:[ \t].*\n)*//mgr, $plain, 'and is otherwise as it was';
($status, $out) = assay('verify', @at, \$signed);
is scalar(() = $out =~ /result +pass\n +domain +example.com\n +selector/g), 2, 'both verify';
($status, $out) = assay('sign', '--field', @at, \$plain);
like $out, qr/\A(?:DKIM-Signature:.*\n(?:[ \t].*\n)*){2}\z/, '--field has the fields alone';
($status, $out) = assay('sign', '--json', @at, \$plain);
like $out, qr/"signatures":\[\{"domain":"example.com"/, '--json names the keys';
($status, $out, $err) = assay('sign', @at, \($plain =~ s/example.com>?/example.org/gr));
is $status, 1, 'no key: exit status 1';
like $err, qr/^assay sign: not signed: no key for example.org$/, '... and it says so';
is $out, $plain =~ s/example.com>?/example.org/gr, '... and the message comes out as it is';
SKIP: {
    my $uid = getpwnam 'nobody';
    skip 'root alone can look as another', 3 unless $> == 0 && $uid;
    chmod 0711, $dir;
    spew("$dir/conf", slurp("$dir/conf") =~ s/^user = \S+/user = nobody/r);
    ($status, $out, $err) = assay('sign', @at, \$plain);
    is $status, 3, "root's keys are out of the service user's reach";
    like $err, qr/keys: Permission denied/, '... as assayd would say';
    chown $uid, -1, glob "$dir/keys $dir/keys/* $dir/keys/*/*";
    ($status, $out, $err) = assay('sign', @at, \$plain);
    is $status, 0, 'root signs with the keys of the service user' or diag $err;
}
done_testing;
