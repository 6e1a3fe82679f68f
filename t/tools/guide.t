#!/usr/bin/perl
# The commands of contrib/from-opendkim, one after the other, on a small site
# in a directory: assay, assayd, cp and sed are real, systemctl and postconf
# write down what they were told.
use strict;
use warnings;
use Cwd qw(abs_path);
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Golden qw(slurp spew scratch);

my $top = abs_path($ENV{top_srcdir} // '.');
my $build = abs_path($ENV{top_builddir} // '.');
my $dir = scratch();
system("openssl genrsa -out $dir/key.pem 2048 2>/dev/null") == 0 or plan skip_all => 'openssl needed';
mkdir "$dir/$_" for qw(bin etc etc/assay etc/mail);
rename "$dir/key.pem", "$dir/etc/mail/key.pem" or die "key.pem: $!\n";
spew("$dir/etc/opendkim.conf", <<"EOT");
Syslog yes
Canonicalization relaxed/simple
KeyTable file:$dir/etc/mail/key.table
SigningTable refile:$dir/etc/mail/signing.table
InternalHosts 127.0.0.1, 192.0.2.0/24
Socket inet:8891\@localhost
SendReports yes
EOT
spew("$dir/etc/mail/key.table", "mail example.com:mail:$dir/etc/mail/key.pem\n");
spew("$dir/etc/mail/signing.table", "*\@example.com mail\n");
spew("$dir/etc/opendmarc.conf", "RejectFailures false\nSocket inet:8893\@localhost\nTrustedAuthservIDs mx.example.com\n");
spew("$dir/sent.eml", "From: a\@example.com\nTo: b\@far.example\nSubject: x\nDate: Sat, 21 Nov 2026 10:00:00 +0000\n\nhi\n");
for my $name (qw(systemctl postconf)) {
    spew("$dir/bin/$name", "#!/bin/sh\necho $name \"\$@\" >> $dir/log\n");
    chmod 0755, "$dir/bin/$name";
}
symlink "$build/$_", "$dir/bin/$_" or die "$_: $!\n" for qw(assay assayd);

my @commands = slurp("$top/contrib/from-opendkim") =~ /^    \$ (.*)$/mg;
cmp_ok @commands, '>', 10, 'the guide has commands';
my ($signed, @failed) = ('');
for my $command (@commands) {
    (my $here = $command) =~ s{/etc/}{$dir/etc/}g;
    my $out = `cd $dir && PATH=$dir/bin:\$PATH && { $here; } 2>&1`;
    my $status = $? >> 8;
    # What was refused is said by exit status 1.
    my $may = $command =~ /config import/ ? 1 : 0;
    ok $status <= $may, $command or diag "exit status $status: $out";
    like $out, qr/SendReports +refused/, '... has a report' if $may;
    $signed = $out if $command =~ /^assay sign/;
    # DNS has no record of this key.
    my $conf = "$dir/etc/assay/imported/assay.conf";
    spew($conf, slurp($conf) . "require_published = no\nuser = \"\"\n") if $may && -e $conf;
}
like $signed =~ s/\s+/ /gr, qr/^DKIM-Signature: v=1; .*d=example\.com; s=mail;/, 'what users send is signed';
my $conf = slurp("$dir/etc/assay/assay.conf");
unlike $conf, qr/observe/, 'in the end assayd does more than observe';
like $conf, qr/^internal_networks = \{ 127\.0\.0\.1, 192\.0\.2\.0\/24 \}$/m, '... with the networks there were';
my $log = slurp("$dir/log");
like $log, qr/smtpd_milters = inet:127\.0\.0\.1:8895 non_smtpd_milters = \$smtpd_milters$/m, '... and the MTA asks it alone';
done_testing;
